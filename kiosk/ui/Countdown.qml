import QtQuick

// How long this screen stays: a line that runs out.
Rectangle {
    id: countdown

    required property real remaining

    height: Theme.px(6)
    radius: height / 2
    color: Theme.surface

    Rectangle {
        width: countdown.width * countdown.remaining
        height: parent.height
        radius: height / 2
        color: Theme.accent

        Behavior on width {
            enabled: !Theme.reducedMotion

            NumberAnimation {
                duration: 250
            }
        }
    }
}
