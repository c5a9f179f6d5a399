import QtQuick

// The camera's picture in a frame, for a badge or a slip; beneath it the ways out.
Page {
    id: badge

    required property var preview

    infoHeight: Theme.px(360)
    info: [
        Row {
            id: heading

            spacing: Theme.gap

            Icon {
                name: badge.view.icon
                color: Theme.soft
                width: Theme.pt(36)
                height: width
                anchors.verticalCenter: parent.verticalCenter
            }

            Label {
                objectName: "title"
                text: badge.view.title
                color: Theme.soft
                font.pixelSize: Theme.pt(28)
            }
        },
        Column {
            anchors.top: heading.bottom
            anchors.topMargin: Theme.px(Theme.portrait ? 28 : 20)
            width: parent.width
            spacing: Theme.gap

            Icon {
                visible: !badge.view.warn || Theme.portrait
                name: badge.view.warn ? "warning" : "qr"
                color: badge.view.warn ? Theme.warning : Theme.accent
                width: Theme.px(72)
                height: width
            }

            Label {
                objectName: "message"
                width: parent.width
                text: badge.view.line
                color: badge.view.warn ? Theme.warning : Theme.text
                font.pixelSize: Theme.pt(badge.view.warn ? 24 : 28)
                font.weight: Font.DemiBold
            }
        }
    ]
    work: [
        Rectangle {
            width: parent.width
            height: buttons.y - Theme.gap
            color: Theme.surface
            border.width: Theme.px(6)
            border.color: badge.view.warn ? Theme.warning : Theme.accent

            Pictured {
                objectName: "preview"
                anchors.fill: parent
                anchors.margins: Theme.px(6)
                source: badge.preview
            }
        },
        Row {
            id: buttons

            y: parent.height - height
            width: parent.width
            height: Theme.px(Theme.portrait ? 104 : 84)
            spacing: Theme.gap

            Tap {
                objectName: "tap.cancel"
                text: badge.words["tap.cancel"]
                icon: "cancel"
                quiet: true
                width: (parent.width - Theme.gap) / 2
                height: parent.height
                onTapped: badge.door.tap("cancel")
            }

            Tap {
                objectName: "tap.pin"
                text: badge.words["button.pin"]
                icon: "pin"
                primary: badge.view.warn
                width: (parent.width - Theme.gap) / 2
                height: parent.height
                onTapped: badge.door.tap("pin")
            }
        }
    ]
}
