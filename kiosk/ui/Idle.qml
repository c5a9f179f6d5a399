import QtQuick

Page {
    id: idle

    required property var desk
    property int holdFor: 3000

    infoHeight: Theme.px(380)
    info: [
        Column {
            width: parent.width
            topPadding: Theme.px(Theme.portrait ? 36 : 4)
            spacing: Theme.px(4)

            Item {
                objectName: "hidden"
                width: parent.width
                height: clock.height

                Label {
                    id: clock

                    objectName: "clock"
                    width: parent.width
                    text: idle.view.clock
                    font.pixelSize: Theme.clock
                    font.letterSpacing: -Theme.px(3)
                    fontSizeMode: Text.HorizontalFit
                    minimumPixelSize: Theme.pt(80)
                    wrapMode: Text.NoWrap
                }

                // For those who look after the device: held for three seconds, and nothing says so.
                MouseArea {
                    anchors.fill: parent
                    pressAndHoldInterval: idle.holdFor
                    onPressAndHold: idle.desk.open("admin", idle.view.language)
                }
            }

            Label {
                width: parent.width
                text: idle.view.date
                font.pixelSize: Theme.pt(26)
            }

            Label {
                width: parent.width
                text: idle.view.site
                maximumLineCount: Theme.portrait ? 1 : 2
                color: Theme.soft
                font.pixelSize: Theme.pt(22)
            }
        },
        Column {
            visible: !Theme.portrait
            width: parent.width
            anchors.bottom: parent.bottom
            spacing: Theme.px(8)

            Note {
                objectName: "sync"
                width: parent.width
                icon: idle.syncIcon
                text: idle.view.sync
            }

            Note {
                width: parent.width
                icon: "shield"
                text: idle.view.notice
                lines: 1
            }

            Note {
                width: parent.width
                icon: idle.view.icon
                text: idle.bannered ? "" : idle.view.small
            }
        },
        Note {
            visible: Theme.portrait && text !== ""
            anchors.bottom: parent.bottom
            width: parent.width
            icon: idle.view.icon
            text: idle.view.small
        }
    ]
    work: Offered {
        anchors.fill: parent
        words: idle.words
        buttons: idle.view.buttons
        onChosen: name => idle.choose(name)
    }
    corner: Column {
        width: parent.width
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.px(2)

        Note {
            width: parent.width
            icon: idle.syncIcon
            text: idle.view.sync
        }

        Note {
            width: parent.width
            icon: "shield"
            text: idle.view.notice
            lines: 1
        }
    }

    function choose(name: string): void {
        if (name === "pin" || name === "qr")
            door.tap(name);
        else if (name === "my_data")
            desk.open("mydata", view.language);
        else if (name === "privacy")
            desk.open("notice", view.language);
        else
            door.button(name);
    }

    readonly property string syncIcon: view.sync_state === "ok" ? "sent" : view.sync_state === "offline" ? "offline" : view.sync_state === "config" ? "warning" : "unsent"
}
