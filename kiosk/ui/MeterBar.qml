import QtQuick

// A quantity: its name, a bar, and the same in words.
Column {
    id: meter

    property string label: ""
    property real share: 0
    property string text: ""
    property bool good: true

    spacing: Theme.px(6)
    Accessible.role: Accessible.ProgressBar
    Accessible.name: label + (text === "" ? "" : ": " + text)

    Row {
        width: parent.width
        spacing: Theme.gap

        Icon {
            name: meter.good ? "yes" : "warning"
            color: meter.good ? Theme.accent : Theme.warning
            width: Theme.rt(26, 0)
            height: width
        }

        Label {
            told: true
            width: parent.width - Theme.rt(26, 0) - Theme.gap
            text: meter.label + (meter.text === "" ? "" : ": " + meter.text)
            font.pixelSize: Theme.rt(22, 0)
            maximumLineCount: 3
        }
    }

    Rectangle {
        width: parent.width
        height: Theme.px(12)
        radius: height / 2
        color: Theme.surface
        border.width: Theme.px(1)
        border.color: Theme.line

        Rectangle {
            width: parent.width * Math.max(0, Math.min(1, meter.share))
            height: parent.height
            radius: height / 2
            color: meter.good ? Theme.accent : Theme.warning
        }
    }
}
