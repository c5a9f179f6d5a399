import QtQuick

Page {
    id: already

    infoHeight: Theme.px(320)
    info: [
        Column {
            width: parent.width
            spacing: Theme.px(16)

            Tick {
                width: Theme.pt(96)
                height: width
            }

            Label {
                objectName: "title"
                width: parent.width
                text: already.view.title
                font.pixelSize: Theme.pt(34)
                font.weight: Font.DemiBold
            }

            Label {
                width: parent.width
                text: already.view.detail
                color: Theme.soft
                font.pixelSize: Theme.pt(22)
            }
        },
        Countdown {
            anchors.bottom: parent.bottom
            width: parent.width
            remaining: already.view.remaining
        }
    ]
    work: [
        Facts {
            width: parent.width
            y: Math.max(0, (buttons.y - height) / 2)
            view: already.view
        },
        Item {
            id: buttons

            readonly property int each: (width - 2 * Theme.gap) / 3

            width: parent.width
            height: Theme.px(Theme.portrait ? 160 : 116)
            y: parent.height - height

            Tap {
                objectName: "tap.not_me"
                upright: true
                drawing: Theme.pt(40)
                icon: "not_me"
                text: already.words["tap.not_me"]
                width: buttons.each
                height: parent.height
                size: Theme.pt(22)
                onTapped: already.door.tap("not_me")
            }

            Tap {
                objectName: "tap.change"
                upright: true
                drawing: Theme.pt(40)
                icon: "change"
                text: already.words["door.other"]
                x: buttons.each + Theme.gap
                width: buttons.each
                height: parent.height
                size: Theme.pt(22)
                onTapped: already.door.tap("change")
            }

            Tap {
                objectName: "tap.done"
                upright: true
                drawing: Theme.pt(40)
                icon: "done"
                text: already.words["tap.done"]
                x: 2 * (buttons.each + Theme.gap)
                width: buttons.each
                height: parent.height
                size: Theme.pt(22)
                onTapped: already.door.tap("cancel")
            }
        }
    ]
}
