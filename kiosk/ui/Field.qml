pragma ComponentBehavior: Bound
import QtQuick

// One thing to type: its name above, what is typed below; dots for a secret.
Rectangle {
    id: field

    required property string name
    property string value: ""
    property int dots: -1
    property bool active: false

    signal tapped

    height: Theme.pt(84)
    radius: Theme.radius
    color: Theme.surface
    border.width: Theme.px(active ? 3 : 1)
    border.color: active ? Theme.accent : Theme.line

    Label {
        x: Theme.px(14)
        y: Theme.pt(6)
        width: parent.width - 2 * x
        text: field.name
        color: Theme.soft
        font.pixelSize: Theme.small
    }

    Label {
        visible: field.dots < 0
        x: Theme.px(14)
        y: Theme.pt(34)
        width: parent.width - 2 * x
        text: field.value
        font.pixelSize: Theme.pt(34)
        font.weight: Font.DemiBold
        fontSizeMode: Text.HorizontalFit
        minimumPixelSize: Theme.small
        wrapMode: Text.NoWrap
        elide: Text.ElideLeft
    }

    Row {
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
