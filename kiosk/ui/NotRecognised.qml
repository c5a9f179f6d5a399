import QtQuick

Page {
    id: refused

    infoHeight: Theme.px(420)
    info: [
        Column {
            width: parent.width
            spacing: Theme.px(14)

            Icon {
                name: "person"
                color: Theme.soft
                width: Theme.px(Theme.portrait ? 120 : 72)
                height: width
            }

            Label {
                objectName: "title"
                width: parent.width
                text: refused.view.title
                font.pixelSize: Theme.pt(34)
                font.weight: Font.DemiBold
            }

            Label {
                width: parent.width
                text: refused.view.line
                font.pixelSize: Theme.portrait ? Theme.rt(24, 0) : Theme.pt(24)
            }
        },
        Countdown {
            anchors.bottom: parent.bottom
            width: parent.width
            remaining: refused.view.remaining
        }
    ]
    work: Item {
        id: choices

        readonly property int big: (height - Theme.px(96) - 2 * Theme.gap) / 2

        anchors.fill: parent

        Tap {
            objectName: "tap.retry"
            icon: "retry"
            text: refused.words["tap.retry"]
            drawing: Theme.pt(52)
            size: Theme.pt(32)
            primary: !refused.view.pin_forward
            width: parent.width
            height: choices.big
            y: refused.view.pin_forward ? height + Theme.gap : 0
            onTapped: refused.door.tap("retry")
        }

        Tap {
            objectName: "tap.pin"
            icon: "pin"
            text: refused.words["tap.pin"]
            drawing: Theme.pt(52)
            size: Theme.pt(32)
            primary: refused.view.pin_forward
            width: parent.width
            height: choices.big
            y: refused.view.pin_forward ? 0 : height + Theme.gap
            onTapped: refused.door.tap("pin")
        }

        Tap {
            objectName: "tap.cancel"
            icon: "cancel"
            text: refused.words["tap.cancel"]
            quiet: true
            width: parent.width
            height: Theme.px(96)
            y: parent.height - height
            onTapped: refused.door.tap("cancel")
        }
    }
}
