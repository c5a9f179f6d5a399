pragma ComponentBehavior: Bound
import QtQuick

// One block of a page, by its kind.
Item {
    id: block

    required property var modelData
    required property bool busy
    required property var preview
    required property real most

    signal tapped(string key)

    height: loader.height

    Loader {
        id: loader

        width: block.width
        sourceComponent: block.modelData.kind === "fact" ? fact : block.modelData.kind === "row" ? row : block.modelData.kind === "meter" ? meter : block.modelData.kind === "code" ? code : block.modelData.kind === "preview" ? look : line
    }

    Component {
        id: line

        Note {
            icon: block.modelData.icon
            text: block.modelData.text
            size: Theme.rt(block.modelData.strong ? 26 : 22, text.length)
            color: block.modelData.warn ? Theme.warning : Theme.text
            most: block.most
            height: implicitHeight
        }
    }

    Component {
        id: fact

        Column {
            spacing: Theme.px(2)

            Label {
                width: parent.width
                maximumLineCount: 3
                text: block.modelData.label
                color: Theme.soft
                font.pixelSize: Theme.rt(20, text.length)
            }

            Label {
                width: parent.width
                text: block.modelData.value
                font.pixelSize: Theme.rt(22, text.length)
                height: Math.min(implicitHeight, block.most - Theme.pt(56))
            }
        }
    }

    Component {
        id: row

        ListRow {
            objectName: "row." + block.modelData.key
            text: block.modelData.text
            detail: block.modelData.detail
            mark: block.modelData.mark
            icon: block.modelData.icon
            chosen: block.modelData.chosen
            enabled: !block.busy
            onTapped: block.tapped(block.modelData.key)
        }
    }

    Component {
        id: meter

        MeterBar {
            label: block.modelData.label
            share: block.modelData.share
            text: block.modelData.text
            good: block.modelData.good
        }
    }

    Component {
        id: code

        QrCode {
            height: block.most
            modules: block.modelData.modules
            caption: block.modelData.caption
        }
    }

    Component {
        id: look

        Camera {
            height: block.most
            preview: block.preview
            instruction: block.modelData.instruction
            line: block.modelData.line
            progress: block.modelData.progress
            square: block.modelData.square
            meters: block.modelData.meters
        }
    }
}
