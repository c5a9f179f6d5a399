pragma ComponentBehavior: Bound
import QtQuick

// The actions this site offers and one more of equal size, two abreast when there are more than three.
Item {
    id: actions

    required property var words
    required property var buttons
    property string last: "pin"
    property string lastText: ""
    property string suggested: ""
    readonly property int cells: buttons.length + 1
    readonly property int columns: cells > 3 ? 2 : 1
    readonly property int rows: Math.ceil(cells / columns)
    readonly property int cellWidth: (width - (columns - 1) * Theme.gap) / columns
    readonly property int cellHeight: (height - (rows - 1) * Theme.gap) / rows

    signal chosen(string name)
    signal lastTapped

    Repeater {
        model: actions.buttons

        Tap {
            required property string modelData
            required property int index

            objectName: "action." + modelData
            x: index % actions.columns * (width + Theme.gap)
            y: Math.floor(index / actions.columns) * (height + Theme.gap)
            width: actions.cellWidth
            height: actions.cellHeight
            upright: true
            size: Theme.portrait ? Theme.rt(26, 0) : Theme.pt(26)
            drawing: Theme.rt(52, 0)
            tinted: true
            icon: modelData
            primary: actions.suggested === modelData
            text: actions.words["button." + modelData]
            onTapped: actions.chosen(modelData)
        }
    }

    Tap {
        objectName: "tap." + actions.last
        x: parent.width - width
        y: (actions.rows - 1) * (height + Theme.gap)
        width: actions.cells % actions.columns === 1 ? parent.width : actions.cellWidth
        height: actions.cellHeight
        upright: true
        tinted: true
        icon: actions.last
        text: actions.lastText
        onTapped: actions.lastTapped()
    }
}
