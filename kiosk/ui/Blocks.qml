pragma ComponentBehavior: Bound
import QtQuick

// What a page says, from top to bottom, on as many screens as it needs; nothing is ever cut in two.
Item {
    id: list

    required property string line
    required property bool warn
    required property var blocks
    required property int serial
    required property bool busy
    required property var preview
    required property var words
    property int shown: 0
    readonly property int screens: starts.length
    readonly property bool several: screens > 1
    readonly property int room: width - (measured > height ? Theme.target + Theme.gap : 0)
    property real measured: 0
    property var starts: [0]

    signal chosen(string key)
    signal turned

    onSerialChanged: shown = 0
    onHeightChanged: cut()

    function cut(): void {
        let total = 0;
        const heights = [];
        for (let i = 0; i < items.count; i++) {
            const item = items.itemAt(i);
            if (!item)
                return;
            heights.push(item.height);
            total += item.height + (i > 0 ? Theme.gap : 0);
        }
        measured = total;
        const found = [0];
        let top = 0;
        for (let i = 0; i < heights.length; i++) {
            const begun = found[found.length - 1];
            if (i > begun && top + heights[i] > height) {
                // A heading goes with what it is above.
                const from = i - 1 > begun && whole[i - 1].kind === "line" && whole[i - 1].strong ? i - 1 : i;
                found.push(from);
                top = from < i ? heights[from] + Theme.gap : 0;
            }
            top += heights[i] + Theme.gap;
        }
        starts = found;
        if (shown >= found.length)
            shown = found.length - 1;
        top = 0;
        for (let i = 0; i < heights.length; i++) {
            if (found.indexOf(i) >= 0)
                top = 0;
            const item = items.itemAt(i);
            item.y = top;
            let on = 0;
            while (on + 1 < found.length && found[on + 1] <= i)
                on++;
            item.screen = on;
            top += heights[i] + Theme.gap;
        }
    }

    readonly property string stamp: serial + "/" + whole.map(block => block.kind).join()
    property var places: []

    onStampChanged: places = whole.map(block => block.kind + "/" + serial)

    // What a block shows until its page has made the blocks anew.
    readonly property var nothing: ({
            "text": "",
            "strong": false,
            "warn": false,
            "icon": "",
            "label": "",
            "value": "",
            "key": "",
            "detail": "",
            "mark": "",
            "chosen": false,
            "share": 0,
            "good": true,
            "modules": [],
            "caption": "",
            "instruction": "",
            "line": "",
            "progress": 0,
            "square": false,
            "meters": []
        })
    readonly property var whole: (line === "" ? [] : [{
                "kind": "line",
                "text": line,
                "strong": false,
                "warn": warn,
                "icon": ""
            }]).concat(Array.from(list.blocks))

    Repeater {
        id: items

        // New blocks for a new page; what one page says changes in place: no finger loses its row, no picture its frame.
        model: list.places
        onCountChanged: Qt.callLater(list.cut)

        Block {
            required property int index
            property int screen: 0

            shows: list.whole[index]?.kind === kind ? list.whole[index] : list.nothing
            width: list.room
            full: list.height
            most: list.height - (list.line === "" ? 0 : Theme.pt(64))
            visible: screen === list.shown
            busy: list.busy
            preview: list.preview
            onHeightChanged: Qt.callLater(list.cut)
            onTapped: key => list.chosen(key)
        }
    }

    Column {
        visible: list.several
        x: list.width - width
        width: Theme.target
        height: parent.height

        Tap {
            objectName: "page.up"
            icon: "up"
            spoken: list.words["key.up"]
            width: Theme.target
            height: Theme.target
            opacity: list.shown > 0 ? 1 : 0
            enabled: list.shown > 0
            visible: opacity > 0
            onTapped: {
                list.shown -= 1;
                list.turned();
            }
        }
    }

    Label {
        visible: list.several
        objectName: "page.number"
        x: list.width - Theme.target
        width: Theme.target
        y: (list.height - height) / 2
        horizontalAlignment: Text.AlignHCenter
        text: (list.shown + 1) + "/" + list.screens
        color: Theme.soft
        font.pixelSize: Theme.small
    }

    Tap {
        objectName: "page.down"
        icon: "down"
        spoken: list.words["key.down"]
        x: list.width - width
        y: list.height - height
        width: Theme.target
        height: Theme.target
        visible: list.several && list.shown + 1 < list.screens
        onTapped: {
            list.shown += 1;
            list.turned();
        }
    }
}
