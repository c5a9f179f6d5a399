import QtQuick

Page {
    id: saving

    infoHeight: Theme.px(60)
    work: Column {
        anchors.centerIn: parent
        anchors.horizontalCenterOffset: Theme.portrait ? 0 : -(saving.infoWidth + Theme.margin) / 2
        width: parent.width
        spacing: Theme.px(20)

        Item {
            anchors.horizontalCenter: parent.horizontalCenter
            width: Theme.px(128)
            height: width

            Rectangle {
                id: halo

                anchors.centerIn: parent
                width: parent.width
                height: width
                radius: width / 2
                color: Theme.surface

                SequentialAnimation on scale {
                    running: !Theme.reducedMotion
                    loops: Animation.Infinite

                    NumberAnimation {
                        to: 0.9
                        duration: 500
                        easing.type: Easing.InOutSine
                    }

                    NumberAnimation {
                        to: 1
                        duration: 500
                        easing.type: Easing.InOutSine
                    }
                }
            }

            Icon {
                anchors.centerIn: parent
                name: saving.view.icon
                color: Theme.accent
                width: Theme.px(64)
                height: width
            }
        }

        Label {
            width: parent.width
            text: saving.view.line
            visible: text !== ""
            font.pixelSize: Theme.headline
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignHCenter
        }

        Label {
            width: parent.width
            text: saving.view.title
            color: Theme.soft
            font.pixelSize: Theme.px(28)
            horizontalAlignment: Text.AlignHCenter
        }
    }
}
