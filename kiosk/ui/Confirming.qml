import QtQuick

Page {
    id: confirming

    infoHeight: Theme.px(330)
    info: [
        Column {
            width: parent.width
            spacing: Theme.px(14)

            Icon {
                name: confirming.view.choose ? "person" : confirming.view.icon
                color: Theme.accent
                width: Theme.pt(64)
                height: width
            }

            Label {
                objectName: "name"
                width: parent.width
                text: confirming.view.name
                font.pixelSize: Theme.headline
                font.weight: Font.DemiBold
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: Theme.body
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
            }

            Label {
                visible: confirming.view.choose
                width: parent.width
                text: confirming.view.title
                font.pixelSize: Theme.rt(26, 0)
            }

            Label {
                width: parent.width
                text: confirming.view.detail
                color: Theme.soft
                font.pixelSize: Theme.rt(22, 0)
            }
        },
        Countdown {
            anchors.bottom: parent.bottom
            width: parent.width
            remaining: confirming.view.remaining
        }
    ]
    work: [
        Actions {
            visible: confirming.view.choose
            anchors.fill: parent
            words: confirming.words
            buttons: confirming.view.buttons
            suggested: confirming.view.suggested
            last: "not_me"
            lastText: confirming.words["tap.not_me"]
            onChosen: name => confirming.door.choose(name)
            onLastTapped: confirming.door.tap("not_me")
        },
        Item {
            visible: !confirming.view.choose
            anchors.fill: parent

            Label {
                id: question

                width: parent.width
                height: parent.height - yes.height - others.height - 2 * Theme.gap
                text: confirming.view.title
                font.pixelSize: Theme.pt(48)
                font.weight: Font.DemiBold
                fontSizeMode: Text.Fit
                minimumPixelSize: Theme.pt(32)
                horizontalAlignment: Text.AlignHCenter
                verticalAlignment: Text.AlignVCenter
            }

            Tap {
                id: yes

                objectName: "tap.yes"
                primary: true
                icon: "yes"
                text: confirming.words["tap.yes"]
                size: Theme.pt(32)
                y: question.height + Theme.gap
                width: parent.width
                height: Theme.px(Theme.portrait ? 160 : 132)
                onTapped: confirming.door.tap("yes")
            }

            Row {
                id: others

                y: parent.height - height
                spacing: Theme.gap

                Tap {
                    objectName: "tap.not_me"
                    icon: "not_me"
                    text: confirming.words["tap.not_me"]
                    size: Theme.pt(24)
                    width: (question.width - Theme.gap) / 2
                    height: Theme.px(Theme.portrait ? 120 : 96)
                    onTapped: confirming.door.tap("not_me")
                }

                Tap {
                    objectName: "tap.cancel"
                    icon: "cancel"
                    quiet: true
                    text: confirming.words["tap.cancel"]
                    size: Theme.pt(24)
                    width: (question.width - Theme.gap) / 2
                    height: Theme.px(Theme.portrait ? 120 : 96)
                    onTapped: confirming.door.tap("cancel")
                }
            }
        }
    ]
}
