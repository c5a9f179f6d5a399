import QtQuick

Page {
    id: saving

    Column {
        anchors.centerIn: parent
        width: parent.width - 2 * Theme.margin
        spacing: Theme.px(20)

        Item {
            anchors.horizontalCenter: parent.horizontalCenter
            width: Theme.pt(128)
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
                width: Theme.pt(64)
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
            font.pixelSize: Theme.rt(28, 0)
            horizontalAlignment: Text.AlignHCenter
        }
    }
}
