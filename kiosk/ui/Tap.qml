import QtQuick

// Everything that can be touched: at least 72 px, a drawing and a word.
Rectangle {
    id: tap

    property string text: ""
    property string icon: ""
    property bool primary: false
    property bool upright: false
    property bool quiet: false
    property bool tinted: false
    property bool danger: false
    property bool checked: false
    property string spoken: ""
    property int size: Theme.pt(26)
    property int drawing: Theme.pt(upright ? 52 : 36)
    readonly property color ink: primary ? Theme.accentInk : danger ? Theme.warning : Theme.text
    readonly property bool both: icon !== "" && text !== ""

    signal tapped

    implicitWidth: Theme.px(160)
    implicitHeight: Theme.target
    radius: Theme.radius
    color: primary ? (area.pressed ? Theme.accentPressed : Theme.accent) : area.pressed ? Theme.pressed : quiet ? Theme.background : Theme.surface
    border.width: primary ? 0 : Theme.px(quiet ? 2 : 1)
    border.color: danger ? Theme.warning : Theme.line
    Accessible.role: Accessible.Button
    Accessible.name: spoken === "" ? text : spoken
    Accessible.checkable: checked
    Accessible.checked: checked
    Accessible.pressed: area.pressed
    Accessible.onPressAction: tapped()

    Item {
        id: content

        readonly property int space: tap.both ? (tap.upright ? Theme.px(8) : Theme.gap) : 0
        readonly property int taken: tap.icon === "" ? 0 : tap.drawing + space
        readonly property int room: tap.width - Theme.px(20) - (tap.upright ? 0 : taken)

        anchors.centerIn: parent
        width: tap.upright ? Math.max(tap.drawing, label.width) : taken + label.width
        height: tap.upright ? taken + label.height : Math.max(tap.icon === "" ? 0 : tap.drawing, label.height)

        Icon {
            visible: tap.icon !== ""
            name: tap.icon
            color: tap.tinted && !tap.primary ? Theme.accent : tap.ink
            width: tap.drawing
            height: tap.drawing
            x: tap.upright ? (content.width - width) / 2 : 0
            y: tap.upright ? 0 : (content.height - height) / 2
        }

        // Measured beside the label, which may wrap and so no longer knows how wide it would be.
        TextMetrics {
            id: measured

            font: label.font
            text: tap.text
        }

        Label {
            id: label

            told: true
            visible: tap.text !== ""
            text: tap.text
            color: tap.ink
            font.pixelSize: tap.size
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignHCenter
            // Not by its height: a text that has been cut off at one line never asks for a second again.
            maximumLineCount: Math.max(1, Math.floor((tap.height - Theme.px(8) - (tap.upright ? content.taken : 0)) / (tap.size * 1.2)))
            width: tap.text === "" ? 0 : Math.min(Math.ceil(measured.advanceWidth) + Theme.px(4), content.room)
            x: tap.upright ? (content.width - width) / 2 : content.taken
            y: tap.upright ? content.taken : (content.height - height) / 2
        }
    }

    MouseArea {
        id: area

        anchors.fill: parent
        onClicked: tap.tapped()
    }
}
