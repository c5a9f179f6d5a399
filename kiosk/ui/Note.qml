import QtQuick

// A small drawing and a sentence beside it.
Item {
    id: note

    property string icon: ""
    property string text: ""
    property color color: Theme.soft
    property int size: Theme.small
    property int lines: 99
    property real most: 100000

    visible: text !== ""
    implicitHeight: text === "" ? 0 : Math.max(icon === "" ? 0 : drawing.height, sentence.height)

    Icon {
        id: drawing

        visible: note.icon !== ""

        name: note.icon
        color: note.color
        width: Theme.pt(note.size >= Theme.body ? 34 : 26)
        height: width
        y: Math.min((parent.height - height) / 2, (sentence.lineHeightOne - height) / 2)
    }

    Label {
        id: sentence

        readonly property real lineHeightOne: font.pixelSize * 1.2

        x: note.icon === "" ? 0 : drawing.width + Theme.px(10)
        width: note.width - x
        text: note.text
        color: note.color
        font.pixelSize: note.size
        maximumLineCount: Math.max(1, Math.min(note.lines, Math.floor(note.most / (note.size * 1.22))))
    }
}
