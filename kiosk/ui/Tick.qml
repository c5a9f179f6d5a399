import QtQuick
import QtQuick.Shapes

// A tick that draws itself, once, in a quarter of a second.
Item {
    id: tick

    property real drawn: Theme.reducedMotion ? 1 : 0
    readonly property real first: Math.min(1, drawn / 0.35)
    readonly property real second: Math.max(0, (drawn - 0.35) / 0.65)

    Rectangle {
        anchors.fill: parent
        radius: width / 2
        color: Theme.accent
    }

    Shape {
        width: 100
        height: 100
        scale: tick.width / 100
        transformOrigin: Item.TopLeft
        preferredRendererType: Shape.CurveRenderer

        ShapePath {
            strokeColor: tick.drawn > 0 ? Theme.accentInk : "transparent"
            strokeWidth: 9
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin
            startX: 27
            startY: 52

            PathLine {
                x: 27 + 16 * tick.first
                y: 52 + 16 * tick.first
            }

            PathLine {
                x: 43 + 30 * tick.second - 16 * (1 - tick.first)
                y: 68 - 34 * tick.second - 16 * (1 - tick.first)
            }
        }
    }

    NumberAnimation on drawn {
        running: !Theme.reducedMotion
        from: 0
        to: 1
        duration: Theme.calm
        easing.type: Easing.OutCubic
    }
}
