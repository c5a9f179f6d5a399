pragma ComponentBehavior: Bound
import QtQuick

// What may be done at this door: the actions of the site, PIN and QR of equal size; beside them, quieter, two pages.
Item {
    id: offered

    required property var words
    required property var buttons
    readonly property var large: buttons.concat(["pin", "qr"])
    readonly property var small: ["my_data", "privacy"]
    readonly property int columns: large.length > 5 ? 3 : 2
    readonly property int rows: Math.ceil(large.length / columns)
    readonly property int free: columns * rows - large.length
    readonly property int foot: free === 2 ? 0 : Theme.px(Theme.portrait ? 120 : 80) + Theme.gap
    readonly property int cellWidth: (width - (columns - 1) * Theme.gap) / columns
    readonly property int cellHeight: (height - foot - (rows - 1) * Theme.gap) / rows

    signal chosen(string name)

    Repeater {
        model: offered.large

        Tap {
            required property string modelData
            required property int index

            objectName: (index < offered.buttons.length ? "action." : "tap.") + modelData
            x: index % offered.columns * (width + Theme.gap)
            y: Math.floor(index / offered.columns) * (height + Theme.gap)
            width: index + 1 === offered.large.length && offered.free === 1 ? offered.width : offered.cellWidth
            height: offered.cellHeight
            upright: true
            tinted: true
            size: Theme.pt(offered.columns === 3 ? 21 : 26)
            icon: modelData
            text: offered.words["button." + modelData]
            onTapped: offered.chosen(modelData)
        }
    }

    Repeater {
        model: offered.small

        Tap {
            required property string modelData
            required property int index
            // In the two cells that are free, or in a row of their own.
            readonly property bool celled: offered.free === 2
            readonly property int first: celled ? offered.columns - 2 : 0

            objectName: "tap." + modelData
            x: first * (offered.cellWidth + Theme.gap) + index * (width + Theme.gap)
            y: offered.height - height
            width: celled ? offered.cellWidth : (offered.width - Theme.gap) / 2
            height: celled ? offered.cellHeight : offered.foot - Theme.gap
            upright: celled
            quiet: true
            size: Theme.small
            drawing: Theme.pt(34)
            icon: modelData === "my_data" ? "person" : "shield"
            text: modelData === "my_data" ? offered.words["door.my_data"] : offered.words["door.privacy"]
            onTapped: offered.chosen(modelData)
        }
    }
}
