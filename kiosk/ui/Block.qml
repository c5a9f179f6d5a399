pragma ComponentBehavior: Bound
import QtQuick

// One block of a page, by its kind.
Item {
    id: block

    required property string modelData // its kind, and the number of its page
    readonly property string kind: modelData.split("/")[0]
    required property var shows
    required property bool busy
    required property var preview
    required property real most
    required property real full

    signal tapped(string key)

    height: loader.height

    Loader {
        id: loader

        width: block.width
        sourceComponent: block.kind === "fact" ? fact : block.kind === "row" ? row : block.kind === "meter" ? meter : block.kind === "code" ? code : block.kind === "preview" ? look : line
    }

    Component {
        id: line

        Note {
            icon: block.shows.icon
            text: block.shows.text
            size: Theme.rt(block.shows.strong ? 26 : 22, text.length)
            color: block.shows.warn ? Theme.warning : Theme.text
            most: block.full
            height: implicitHeight
        }
    }

    Component {
        id: fact

        Column {
            spacing: Theme.px(2)

            Label {
                id: called

                width: parent.width
                maximumLineCount: 3
                text: block.shows.label
                color: Theme.soft
                font.pixelSize: Theme.rt(20, text.length)
            }

            Label {
                width: parent.width
                text: block.shows.value
                font.pixelSize: Theme.rt(22, text.length)
                maximumLineCount: Math.max(1, Math.floor((block.full - called.height - Theme.px(2)) / (font.pixelSize * 1.22)))
            }
        }
    }

    Component {
        id: row

        ListRow {
            objectName: "row." + block.shows.key
            text: block.shows.text
            detail: block.shows.detail
            mark: block.shows.mark
            icon: block.shows.icon
            chosen: block.shows.chosen
            most: block.full
            enabled: !block.busy
            onTapped: block.tapped(block.shows.key)
        }
    }

    Component {
        id: meter

        MeterBar {
            label: block.shows.label
            share: block.shows.share
            text: block.shows.text
            good: block.shows.good
        }
    }

    Component {
        id: code

        QrCode {
            height: block.most
            modules: block.shows.modules
            caption: block.shows.caption
        }
    }

    Component {
        id: look

        Camera {
            height: block.most
            preview: block.preview
            instruction: block.shows.instruction
            line: block.shows.line
            progress: block.shows.progress
            square: block.shows.square
            meters: block.shows.meters
        }
    }
}
