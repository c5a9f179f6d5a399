import QtQuick

Page {
    id: disputed

    infoHeight: Theme.px(320)
    info: [
        Column {
            width: parent.width
            spacing: Theme.px(16)

            Icon {
                name: "not_me"
                color: Theme.accent
                width: Theme.pt(96)
                height: width
            }

            Label {
                width: parent.width
                text: disputed.view.title
                font.pixelSize: Theme.pt(36)
                font.weight: Font.DemiBold
            }
        },
        Countdown {
            anchors.bottom: parent.bottom
            width: parent.width
            remaining: disputed.view.remaining
        }
    ]
    work: [
        Label {
            width: parent.width
            height: choices.y - Theme.gap
            text: disputed.view.line
            font.pixelSize: Theme.rt(30, 0)
            verticalAlignment: Text.AlignVCenter
        },
        Row {
            id: choices

            spacing: Theme.gap
            y: parent.height - height

            Tap {
                objectName: "tap.pin"
                primary: true
                upright: true
                icon: "pin"
                text: disputed.words["tap.pin"]
                width: (choices.parent.width - Theme.gap) / 2
                height: Theme.px(Theme.portrait ? 200 : 170)
                onTapped: disputed.door.tap("pin")
            }

            Tap {
                objectName: "tap.done"
                upright: true
                icon: "done"
                text: disputed.words["tap.done"]
                width: (choices.parent.width - Theme.gap) / 2
                height: Theme.px(Theme.portrait ? 200 : 170)
                onTapped: disputed.door.tap("cancel")
            }
        }
    ]
}
