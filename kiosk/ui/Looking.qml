import QtQuick

Page {
    id: looking

    required property var preview

    infoHeight: Theme.px(310)
    info: [
        Row {
            id: heading

            spacing: Theme.gap

            Icon {
                name: looking.view.icon
                color: Theme.soft
                width: Theme.pt(36)
                height: width
                anchors.verticalCenter: parent.verticalCenter
            }

            Label {
                text: looking.view.title
                color: Theme.soft
                font.pixelSize: Theme.rt(28, 0)
            }
        },
        Item {
            anchors.top: heading.bottom
            anchors.topMargin: Theme.px(Theme.portrait ? 28 : 24)
            width: parent.width
            height: Theme.portrait ? Theme.px(130) : arrow.height + Theme.gap + sentence.height

            Icon {
                id: arrow

                objectName: "arrow"
                name: looking.view.instruction
                color: Theme.accent
                weight: 3.8
                width: Theme.px(Theme.portrait ? 96 : 72)
                height: width
                y: Theme.portrait ? (parent.height - height) / 2 : 0
            }

            Label {
                id: sentence

                objectName: "instruction"
                text: looking.view.line
                font.pixelSize: Theme.headline
                font.weight: Font.DemiBold
                x: Theme.portrait ? arrow.width + Theme.px(24) : 0
                y: Theme.portrait ? (parent.height - height) / 2 : arrow.height + Theme.gap
                width: parent.width - x
            }
        },
        Label {
            anchors.bottom: parent.bottom
            width: parent.width
            text: looking.view.small
            color: Theme.soft
            font.pixelSize: Theme.small
        }
    ]
    work: [
        Oval {
            readonly property int room: Theme.portrait ? parent.height - Theme.px(104) - Theme.gap : parent.height

            source: looking.preview
            progress: looking.view.progress
            height: room
            width: Math.min(height * 0.76, parent.width - (Theme.portrait ? 0 : Theme.px(150) + Theme.gap))
            x: Theme.portrait ? (parent.width - width) / 2 : 0
        },
        Tap {
            objectName: "tap.pin"
            text: looking.view.verifying ? looking.words["tap.no_face"] : looking.words["button.pin"]
            icon: "pin"
            upright: !Theme.portrait
            primary: looking.view.pin_forward
            width: Theme.portrait ? (parent.width - Theme.gap) / 2 : Theme.px(150)
            height: Theme.portrait ? Theme.px(104) : (parent.height - Theme.gap) * (looking.view.pin_forward ? 0.64 : 0.5)
            x: parent.width - width
            y: Theme.portrait ? parent.height - height : 0
            onTapped: looking.door.tap("pin")

            Behavior on height {
                NumberAnimation {
                    duration: Theme.calm
                }
            }
        },
        Tap {
            objectName: "tap.cancel"
            text: looking.words["tap.cancel"]
            icon: "cancel"
            upright: !Theme.portrait
            quiet: true
            width: Theme.portrait ? (parent.width - Theme.gap) / 2 : Theme.px(150)
            height: Theme.portrait ? Theme.px(104) : (parent.height - Theme.gap) * (looking.view.pin_forward ? 0.36 : 0.5)
            x: Theme.portrait ? 0 : parent.width - width
            y: parent.height - height
            onTapped: looking.door.tap("cancel")

            Behavior on height {
                NumberAnimation {
                    duration: Theme.calm
                }
            }
        }
    ]
}
