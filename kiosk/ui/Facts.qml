import QtQuick

// Who did what, and when.
Column {
    id: facts

    required property var view

    spacing: Theme.px(4)

    Label {
        objectName: "name"
        width: parent.width
        text: facts.view.name
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
        text: facts.view.time
        font.pixelSize: Theme.clock
        font.letterSpacing: -Theme.px(3)
    }

    Row {
        spacing: Theme.gap

        Icon {
            name: facts.view.icon
            color: Theme.accent
            width: Theme.pt(36)
            height: width
            anchors.verticalCenter: parent.verticalCenter
        }

        Label {
            objectName: "action"
            text: facts.view.line
            font.pixelSize: Theme.pt(32)
        }
    }
}
