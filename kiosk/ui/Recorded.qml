pragma ComponentBehavior: Bound
import QtQuick

Page {
    id: recorded

    required property var desk
    readonly property var captions: ({
            "not_me": words["tap.not_me"],
            "change": words["tap.change"],
            "my_data": words["door.my_data"],
            "trip": words["travel.tap"],
            "done": words["tap.done"]
        })

    infoHeight: Theme.px(view.choose ? 260 : 420)
    info: [
        Column {
            width: parent.width
            spacing: Theme.px(10)

            Tick {
                width: Theme.pt(Theme.portrait || recorded.view.told === "" ? 96 : 64)
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

            Note {
                objectName: "held"
                width: parent.width
                icon: "shield"
                text: recorded.view.choose ? "" : recorded.view.held
            }

            Note {
                objectName: "told"
                width: parent.width
                icon: "paper"
                text: recorded.view.choose ? "" : recorded.view.told
                color: Theme.text
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
                width: parent.width
                y: Math.max(0, (buttons.y - height) / 2)
                spacing: Theme.px(4)

                Facts {
                    width: parent.width
                    view: recorded.view
                }

                Label {
                    objectName: "hours"
                    width: parent.width
                    text: recorded.view.detail
                    visible: text !== ""
                    color: Theme.soft
                    font.pixelSize: Theme.pt(22)
                }
            }

            Grid {
                id: buttons

                readonly property int cell: (parent.width - Theme.gap) / 2

                columns: 2
                spacing: Theme.gap
                y: parent.height - height

                Repeater {
                    model: ["not_me", "change", recorded.view.trip ? "trip" : "my_data", "done"]

                    Tap {
                        required property string modelData

                        objectName: "tap." + modelData
                        drawing: Theme.pt(34)
                        icon: modelData === "my_data" ? "person" : modelData
                        primary: modelData === "trip"
                        quiet: modelData === "my_data"
                        text: recorded.captions[modelData]
                        width: buttons.cell
                        height: Theme.px(Theme.portrait ? 110 : 72)
                        size: Theme.pt(22)
                        onTapped: recorded.press(modelData)
                    }
                }
            }
        }
    ]

    function press(what: string): void {
        if (what === "my_data")
            desk.open("mydata", view.language);
        else if (what === "trip")
            desk.open("trip", view.language);
        else
            door.tap(what === "done" ? "cancel" : what);
    }
}
