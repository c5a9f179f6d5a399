import QtQuick

// A page with little to say: drawing, title and sentences in the middle.
Column {
    id: centred

    required property string icon
    required property string title
    required property bool warn
    required property var lines
    readonly property color ink: warn || icon === "warning" ? Theme.warning : Theme.accent

    spacing: Theme.margin

    Icon {
        visible: name !== ""
        name: centred.icon
        color: centred.ink
        width: Theme.pt(84)
        height: width
        anchors.horizontalCenter: parent.horizontalCenter
    }

    Label {
        objectName: "title"
        heading: true
        width: parent.width
        text: centred.title
        font.pixelSize: Theme.pt(34)
        font.weight: Font.DemiBold
        horizontalAlignment: Text.AlignHCenter
    }

    Repeater {
        model: centred.lines

        Label {
            required property var modelData

            width: parent.width
            text: modelData.text ?? ""
            color: modelData.warn === true ? Theme.warning : Theme.text
            font.pixelSize: Theme.rt(modelData.strong ? 26 : 24, text.length)
            horizontalAlignment: Text.AlignHCenter
        }
    }
}
