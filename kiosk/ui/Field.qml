pragma ComponentBehavior: Bound
import QtQuick

// One thing to type: its name above, what is typed below; dots for a secret.
Rectangle {
    id: field

    required property string name
    property string whose: ""
    property string value: ""
    property int dots: -1
    property bool active: false

    signal tapped

    height: Theme.pt(84)
    radius: Theme.radius
    color: Theme.surface
    border.width: Theme.px(active ? 3 : 1)
    border.color: active ? Theme.accent : Theme.line

    Accessible.role: Accessible.EditableText
    Accessible.name: name + (whose === "" ? "" : ", " + whose)
    Accessible.description: value
    Accessible.focused: active
    Accessible.editable: true
    Accessible.onPressAction: tapped()

    Label {
        told: true
        x: Theme.px(14)
        y: Theme.pt(6)
        width: parent.width - 2 * x - (owner.visible ? owner.width + Theme.gap : 0)
        text: field.name
        color: Theme.soft
        font.pixelSize: Theme.small
        maximumLineCount: 1
    }

    Label {
        id: owner

        told: true
        visible: text !== ""
        x: field.width - width - Theme.px(14)
        y: Theme.pt(6)
        width: Math.min(Math.ceil(implicitWidth), field.width / 2)
        text: field.whose
        maximumLineCount: 1
        color: Theme.soft
        font.pixelSize: Theme.small
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
    }

    // What is longer than the field is shown from its end, where one types.
    Label {
        id: written

        told: true
        readonly property bool scrolls: true

        visible: field.dots < 0
        x: Theme.px(14)
        y: Theme.pt(34)
        width: Math.min(Math.ceil(implicitWidth), parent.width - 2 * x - caret.width)
        text: field.value
        maximumLineCount: 1
        font.pixelSize: Theme.pt(30)
        font.weight: Font.DemiBold
        wrapMode: Text.NoWrap
        elide: Text.ElideLeft
    }

    Rectangle {
        id: caret

        objectName: "caret"
        visible: field.active
        x: field.dots < 0 ? written.x + written.width + Theme.px(2) : dotted.x + dotted.width + Theme.px(2)
        y: Theme.pt(36)
        width: Theme.px(3)
        height: Theme.pt(32)
        color: Theme.accent
    }

    Row {
        id: dotted

        x: Theme.px(16)
        y: Theme.pt(52)
        spacing: Theme.pt(6)

        Repeater {
            model: Math.max(0, field.dots)

            Rectangle {
                width: Math.min(Theme.pt(13), (field.width - 2 * Theme.px(16)) / field.dots - Theme.pt(6))
                height: width
                radius: width / 2
                color: Theme.text
            }
        }
    }

    MouseArea {
        anchors.fill: parent
        onClicked: field.tapped()
    }
}
