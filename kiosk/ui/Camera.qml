pragma ComponentBehavior: Bound
import QtQuick

// The camera's picture with one instruction: a face in an oval, or a code in a frame.
Item {
    id: camera

    required property var preview
    property string instruction: ""
    property string line: ""
    property real progress: 0
    property bool square: false
    property var meters: []
    readonly property int beside: Theme.portrait ? 0 : width * 0.4

    Loader {
        id: picture

        readonly property real high: camera.height - (Theme.portrait ? said.height + Theme.gap : 0)
        readonly property real wide: camera.width - camera.beside

        width: camera.square ? Math.min(high * 4 / 3, wide) : Math.min(high * 0.76, wide)
        height: camera.square ? width * 3 / 4 : high
        x: Theme.portrait ? (camera.width - width) / 2 : 0
        sourceComponent: camera.square ? frame : oval
    }

    Component {
        id: oval

        Oval {
            source: camera.preview
            progress: camera.progress
        }
    }

    Component {
        id: frame

        Rectangle {
            color: Theme.surface
            border.width: Theme.px(4)
            border.color: Theme.accent

            Pictured {
                anchors.fill: parent
                anchors.margins: Theme.px(4)
                source: camera.preview
            }
        }
    }

    Column {
        id: said

        x: Theme.portrait ? 0 : picture.width + Theme.margin
        y: Theme.portrait ? picture.height + Theme.gap : 0
        width: camera.width - x
        spacing: Theme.gap

        Icon {
            visible: camera.instruction !== ""
            name: camera.instruction
            color: Theme.accent
            width: Theme.pt(64)
            height: width
        }

        Label {
            objectName: "instruction"
            width: parent.width
            text: camera.line
            font.pixelSize: Theme.pt(28)
            maximumLineCount: Theme.portrait ? 3 : 5
            font.weight: Font.DemiBold
        }

        Repeater {
            model: camera.meters

            MeterBar {
                required property var modelData

                width: said.width
                label: modelData.label
                share: modelData.share
                text: modelData.text
                good: modelData.good
            }
        }
    }
}
