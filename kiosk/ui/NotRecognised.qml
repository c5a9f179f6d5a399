pragma ComponentBehavior: Bound
import QtQuick

Page {
    id: refused

    required property var desk
    readonly property var captions: ({
            "retry": words["tap.retry"],
            "pin": words["tap.pin"],
            "qr": words["tap.qr"]
        })

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

        readonly property int low: Theme.px(96)
        readonly property int big: (height - low - 2 * Theme.gap) / 2
        readonly property int half: (width - Theme.gap) / 2

        anchors.fill: parent

        Choice {
            what: refused.view.pin_forward ? "pin" : "retry"
            primary: true
            width: parent.width
            height: choices.big
        }

        Choice {
            visible: refused.view.retry
            what: refused.view.pin_forward ? "retry" : "pin"
            width: choices.half
            height: choices.big
            y: choices.big + Theme.gap
        }

        Choice {
            what: "qr"
            x: refused.view.retry ? choices.half + Theme.gap : 0
            width: refused.view.retry ? choices.half : parent.width
            height: choices.big
            y: choices.big + Theme.gap
        }

        Tap {
            objectName: "tap.claim"
            icon: "claim"
            text: refused.words["door.claim"]
            quiet: true
            size: Theme.pt(22)
            width: parent.width - cancel.width - Theme.gap
            height: choices.low
            y: parent.height - height
            onTapped: refused.desk.open("claim", refused.view.language)
        }

        Tap {
            id: cancel

            objectName: "tap.cancel"
            text: refused.words["tap.cancel"]
            quiet: true
            size: Theme.pt(22)
            width: (parent.width - Theme.gap) * 0.34
            height: choices.low
            x: parent.width - width
            y: parent.height - height
            onTapped: refused.door.tap("cancel")
        }
    }

    component Choice: Tap {
        required property string what

        objectName: "tap." + what
        icon: what
        text: refused.captions[what]
        drawing: Theme.pt(44)
        size: Theme.pt(26)
        onTapped: refused.door.tap(what)
    }
}
