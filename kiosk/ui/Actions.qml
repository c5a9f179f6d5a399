pragma ComponentBehavior: Bound
import QtQuick

// The five actions and a sixth of equal size, two by three.
Item {
    id: actions

    required property var words
    property string last: "pin"
    property string lastText: ""
    property string suggested: ""
    readonly property int cellWidth: (width - Theme.gap) / 2
    readonly property int cellHeight: (height - 2 * Theme.gap) / 3

    signal chosen(string name)
    signal lastTapped

    Repeater {
        model: ["in", "out", "break", "overtime", "trip"]

        Tap {
            required property string modelData
            required property int index

            objectName: "action." + modelData
            x: index % 2 * (width + Theme.gap)
            y: Math.floor(index / 2) * (height + Theme.gap)
            width: actions.cellWidth
            height: actions.cellHeight
            upright: true
            tinted: true
            icon: modelData
            primary: actions.suggested === modelData
            text: actions.words["button." + modelData]
            onTapped: actions.chosen(modelData)
        }
    }

    Tap {
        objectName: "tap." + actions.last
        x: width + Theme.gap
        y: 2 * (height + Theme.gap)
        width: actions.cellWidth
        height: actions.cellHeight
        upright: true
        tinted: true
        icon: actions.last
        text: actions.lastText
        onTapped: actions.lastTapped()
    }
}
