import QtQuick
import QtQuick.Shapes

// The mirrored preview in an oval, with a ring that closes as the decision comes near.
Item {
    id: oval

    required property var source
    required property real progress
    property color around: Theme.background
    readonly property real ring: Theme.px(10)
    readonly property real middleX: width / 2
    readonly property real middleY: height / 2
    property real shown: progress

    Behavior on shown {
        enabled: !Theme.reducedMotion

        NumberAnimation {
            duration: 200
        }
    }

    Rectangle {
        anchors.fill: picture
        color: Theme.surface
    }

    Pictured {
        id: picture

        objectName: "preview"
        anchors.fill: parent
        anchors.margins: oval.ring * 2
        source: oval.source
    }

    Shape {
        anchors.fill: parent
        preferredRendererType: Shape.CurveRenderer

        ShapePath {
            strokeColor: "transparent"
            strokeWidth: -1
            fillColor: oval.around
            fillRule: ShapePath.OddEvenFill
            startX: 0
            startY: 0

            PathLine {
                x: oval.width
                y: 0
            }

            PathLine {
                x: oval.width
                y: oval.height
            }

            PathLine {
                x: 0
                y: oval.height
            }

            PathLine {
                x: 0
                y: 0
            }

            PathAngleArc {
                centerX: oval.middleX
                centerY: oval.middleY
                radiusX: oval.middleX - oval.ring * 2
                radiusY: oval.middleY - oval.ring * 2
                startAngle: -90
                sweepAngle: 360
                moveToStart: true
            }
        }

        ShapePath {
            strokeColor: Theme.line
            strokeWidth: oval.ring
            fillColor: "transparent"

            PathAngleArc {
                centerX: oval.middleX
                centerY: oval.middleY
                radiusX: oval.middleX - oval.ring
                radiusY: oval.middleY - oval.ring
                startAngle: -90
                sweepAngle: 360
            }
        }

        ShapePath {
            strokeColor: oval.shown > 0 ? Theme.accent : "transparent"
            strokeWidth: oval.ring
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap

            PathAngleArc {
                centerX: oval.middleX
                centerY: oval.middleY
                radiusX: oval.middleX - oval.ring
                radiusY: oval.middleY - oval.ring
                startAngle: -90
                sweepAngle: 360 * oval.shown
            }
        }
    }
}
