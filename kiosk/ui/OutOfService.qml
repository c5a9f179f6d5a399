import QtQuick

Page {
    id: out

    infoHeight: Theme.px(360)
    info: Column {
        width: parent.width
        spacing: Theme.px(14)

        Icon {
            name: "warning"
            color: Theme.warning
            width: Theme.px(Theme.portrait ? 120 : 88)
            height: width
        }

        Label {
            objectName: "title"
            width: parent.width
            text: out.words["out.title"]
            font.pixelSize: Theme.pt(34)
            font.weight: Font.DemiBold
        }

        Label {
            width: parent.width
            text: out.view.clock
            color: Theme.soft
            font.pixelSize: Theme.pt(40)
        }
    }
    work: Column {
        width: parent.width
        y: Theme.portrait ? 0 : Math.max(0, (parent.height - height) / 2)
        spacing: Theme.pt(18)

        Label {
            objectName: "fault"
            width: parent.width
            text: out.view.title
            color: Theme.warning
            font.pixelSize: Theme.rt(30, 0)
            font.weight: Font.DemiBold
        }

        Label {
            width: parent.width
            text: out.view.line
        }

        Rectangle {
            width: parent.width
            height: Theme.px(2)
            color: Theme.line
        }

        Note {
            objectName: "call"
            width: parent.width
            icon: "phone"
            text: out.view.detail
            lines: 2
            color: Theme.text
            size: Theme.pt(28)
        }

        Note {
            width: parent.width
            icon: "paper"
            text: out.words["out.paper"]
            color: Theme.text
            size: Theme.body
        }

        Note {
            width: parent.width
            icon: "done"
            text: out.words["out.gone"]
            color: Theme.text
            size: Theme.body
        }
    }
}
