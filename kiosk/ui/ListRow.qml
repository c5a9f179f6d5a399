import QtQuick

// One of a list: a drawing, what it is, more about it, and one word about its state.
Rectangle {
    id: row

    property string text: ""
    property string detail: ""
    property string mark: ""
    property string icon: ""
    property bool chosen: false
    property real most: 100000
    readonly property int letters: text.length + detail.length + 2 * mark.length
    readonly property int indent: icon === "" ? Theme.px(16) : Theme.px(16) + Theme.rt(34, 0) + Theme.gap

    signal tapped

    height: Math.max(Theme.target, writing.height + Theme.px(20))
    radius: Theme.radius
    color: area.pressed ? Theme.pressed : Theme.surface
    border.width: Theme.px(chosen ? 3 : 1)
    border.color: chosen ? Theme.accent : Theme.line
    Accessible.role: Accessible.ListItem
    Accessible.name: text + (detail === "" ? "" : ", " + detail) + (mark === "" ? "" : ", " + mark)
    Accessible.selectable: true
    Accessible.selected: chosen
    Accessible.onPressAction: tapped()

    Icon {
        visible: row.icon !== ""
        name: row.icon
        color: Theme.accent
        width: Theme.rt(34, 0)
        height: width
        x: Theme.px(16)
        y: (row.height - height) / 2
    }

    Column {
        id: writing

        x: row.indent
        y: (row.height - height) / 2
        width: row.width - x - Theme.px(16) - (row.mark === "" ? 0 : word.width + Theme.gap)

        Label {
            id: title

            told: true
            width: parent.width
            text: row.text
            font.pixelSize: Theme.rt(22, row.letters)
            font.weight: Font.DemiBold
            maximumLineCount: Math.max(1, Math.floor((row.most - Theme.px(20) - (row.detail === "" ? 0 : Theme.rt(26, 0))) / (font.pixelSize * 1.22)))
        }

        Label {
            told: true
            visible: text !== ""
            width: parent.width
            text: row.detail
            color: Theme.soft
            font.pixelSize: Theme.rt(20, row.letters)
            maximumLineCount: Math.max(1, Math.floor((row.most - Theme.px(20) - title.height) / (font.pixelSize * 1.22)))
        }
    }

    Label {
        id: word

        told: true
        visible: row.mark !== ""
        text: row.mark
        color: Theme.accent
        font.pixelSize: Theme.rt(20, row.letters)
        width: Math.min(Math.ceil(measure.advanceWidth) + 4, row.width * 0.35)
        horizontalAlignment: Text.AlignRight
        maximumLineCount: 2
        x: row.width - width - Theme.px(16)
        y: (row.height - height) / 2
    }

    TextMetrics {
        id: measure

        font: word.font
        text: row.mark
    }

    MouseArea {
        id: area

        anchors.fill: parent
        onClicked: row.tapped()
    }
}
