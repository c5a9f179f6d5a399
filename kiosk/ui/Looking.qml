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
            size: looking.size
            upright: !Theme.portrait
            primary: looking.view.pin_forward
            width: looking.wide
            height: Theme.portrait ? Theme.px(104) : looking.tall(looking.view.pin_forward ? looking.forward : 1 / looking.ways)
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
            objectName: "tap.qr"
            visible: looking.ways === 3
            text: looking.words["badge.short"]
            icon: "qr"
            size: looking.size
            upright: !Theme.portrait
            width: looking.wide
            height: Theme.portrait ? Theme.px(104) : looking.tall(looking.others)
            x: Theme.portrait ? width + Theme.gap : parent.width - width
            y: parent.height - height - (Theme.portrait ? 0 : height + Theme.gap)
            onTapped: looking.door.tap("qr")
        },
        Tap {
            objectName: "tap.cancel"
            text: looking.words["tap.cancel"]
            icon: "cancel"
            size: looking.size
            upright: !Theme.portrait
            quiet: true
            width: looking.wide
            height: Theme.portrait ? Theme.px(104) : looking.tall(looking.others)
            x: Theme.portrait ? 0 : parent.width - width
            y: parent.height - height
            onTapped: looking.door.tap("cancel")
        }
    ]

    readonly property real forward: ways === 3 ? 0.5 : 0.64
    readonly property int ways: view.qr && !view.verifying ? 3 : 2
    readonly property int size: Theme.pt(Theme.portrait && ways === 3 ? 22 : 26)
    readonly property real others: view.pin_forward ? (1 - forward) / (ways - 1) : 1 / ways
    readonly property real wide: Theme.portrait ? (width - 2 * Theme.margin - (ways - 1) * Theme.gap) / ways : Theme.px(150)

    function tall(share: real): real {
        return (height - 2 * Theme.margin - (ways - 1) * Theme.gap) * share;
    }
}
