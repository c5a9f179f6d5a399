import QtQuick

Page {
    id: recorded

    required property var desk

    infoHeight: Theme.px(view.choose ? 260 : 370)
    info: [
        Column {
            width: parent.width
            spacing: Theme.px(16)

            Tick {
                width: Theme.pt(recorded.view.choose ? 96 : 136)
                height: width
            }

            Label {
                objectName: "title"
                width: parent.width
                text: recorded.view.title
                font.pixelSize: Theme.pt(recorded.view.choose ? 30 : 36)
                font.weight: Font.DemiBold
            }

            Note {
                objectName: "unsent"
                width: parent.width
                icon: "unsent"
                text: recorded.view.choose ? "" : recorded.view.unsent
            }
        },
        Countdown {
            anchors.bottom: parent.bottom
            width: parent.width
            remaining: recorded.view.remaining
        }
    ]
    work: [
        Actions {
            visible: recorded.view.choose
            anchors.fill: parent
            words: recorded.words
            buttons: recorded.view.buttons
            suggested: recorded.view.suggested
            last: "back"
            lastText: recorded.words["tap.back"]
            onChosen: name => recorded.door.choose(name)
            onLastTapped: recorded.door.tap("cancel")
        },
        Item {
            visible: !recorded.view.choose
            anchors.fill: parent

            Column {
                id: facts

                width: parent.width
                y: Math.max(0, (buttons.y - height) / 2)
                spacing: Theme.px(4)

                Label {
                    objectName: "name"
                    width: parent.width
                    text: recorded.view.name
                    font.pixelSize: Theme.headline
                    font.weight: Font.DemiBold
                    fontSizeMode: Text.HorizontalFit
                    minimumPixelSize: Theme.body
                    wrapMode: Text.NoWrap
                    elide: Text.ElideRight
                }

                Label {
                    objectName: "time"
                    width: parent.width
                    text: recorded.view.time
                    font.pixelSize: Theme.clock
                    font.letterSpacing: -Theme.px(3)
                }

                Row {
                    spacing: Theme.gap

                    Icon {
                        name: recorded.view.icon
                        color: Theme.accent
                        width: Theme.pt(36)
                        height: width
                        anchors.verticalCenter: parent.verticalCenter
                    }

                    Label {
                        objectName: "action"
                        text: recorded.view.line
                        font.pixelSize: Theme.pt(32)
                    }
                }

                Label {
                    objectName: "hours"
                    width: parent.width
                    text: recorded.view.detail
                    visible: text !== ""
                    color: Theme.soft
                }
            }

            Item {
                id: buttons

                readonly property int narrow: (width - 2 * Theme.gap) * 0.3
                readonly property int wide: width - 2 * (narrow + Theme.gap)

                width: parent.width
                height: Theme.px(Theme.portrait ? 160 : 116)
                y: parent.height - height

                Tap {
                    objectName: "tap.not_me"
                    upright: true
                    drawing: Theme.pt(40)
                    icon: "not_me"
                    text: recorded.words["tap.not_me"]
                    width: buttons.wide
                    height: parent.height
                    size: Theme.pt(22)
                    onTapped: recorded.door.tap("not_me")
                }

                Tap {
                    objectName: "tap.change"
                    upright: true
                    drawing: Theme.pt(40)
                    icon: "change"
                    text: recorded.words["tap.change"]
                    x: buttons.wide + Theme.gap
                    width: buttons.narrow
                    height: parent.height
                    size: Theme.pt(22)
                    onTapped: recorded.door.tap("change")
                }

                Tap {
                    objectName: recorded.view.trip ? "tap.trip" : "tap.done"
                    upright: true
                    drawing: Theme.pt(40)
                    primary: recorded.view.trip
                    icon: recorded.view.trip ? "trip" : "done"
                    text: recorded.words[recorded.view.trip ? "travel.tap" : "tap.done"]
                    x: buttons.wide + buttons.narrow + 2 * Theme.gap
                    width: buttons.narrow
                    height: parent.height
                    size: Theme.pt(22)
                    onTapped: recorded.view.trip ? recorded.desk.open("trip", recorded.view.language) : recorded.door.tap("cancel")
                }
            }
        }
    ]
}
