pragma ComponentBehavior: Bound
import QtQuick

Page {
    id: pad

    readonly property bool letters: view.letters
    readonly property int columns: letters ? 6 : 4
    readonly property int rows: letters ? 5 : 4
    readonly property string alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    readonly property var ten: view.digits.split("")
    readonly property var digitKeys: [].concat(ten.slice(0, 3), "letters", ten.slice(3, 6), "-", ten.slice(6, 9), "enter", "cancel", ten.slice(9), "erase")
    readonly property var letterKeys: alphabet.split("").concat(["-", "erase", "letters", "enter"])

    infoWidth: Theme.px(260)
    infoHeight: Theme.px(400)
    bannerWanted: view.line === ""
    info: Column {
        width: parent.width
        spacing: Theme.gap

        Row {
            spacing: Theme.gap
            height: Theme.pt(44)

            Icon {
                name: pad.view.icon
                color: Theme.accent
                width: Theme.pt(36)
                height: width
                anchors.verticalCenter: parent.verticalCenter
            }

            Label {
                text: pad.view.title
                font.pixelSize: Theme.pt(30)
                font.weight: Font.DemiBold
                anchors.verticalCenter: parent.verticalCenter
            }
        }

        Field {
            objectName: "field.code"
            width: parent.width
            name: pad.words["pad.code"]
            value: pad.view.code
            active: !pad.view.on_pin
            onTapped: pad.door.code()
        }

        Field {
            objectName: "field.pin"
            width: parent.width
            name: pad.words["pad.pin"]
            dots: pad.view.dots
            active: pad.view.on_pin
            onTapped: pad.door.enter()
        }

        Label {
            objectName: "message"
            width: parent.width
            text: pad.view.line
            color: pad.view.warn ? Theme.warning : Theme.text
            font.pixelSize: Theme.pt(22)
        }
    }
    work: Item {
        id: keys

        readonly property real above: height - pad.rows * keyHeight - (pad.rows - 1) * Theme.gap
        readonly property real keyWidth: (width - (pad.columns - 1) * Theme.gap) / pad.columns
        readonly property real keyHeight: Math.min((height - (pad.rows - 1) * Theme.gap) / pad.rows, Theme.px(168))

        anchors.fill: parent

        Repeater {
            model: pad.letters ? pad.letterKeys : pad.digitKeys

            Tap {
                required property string modelData
                required property int index
                readonly property bool word: modelData.length > 1
                readonly property int row: Math.floor(index / pad.columns)
                readonly property bool tall: modelData === "enter" && !pad.letters
                readonly property int rows: !tall ? 1 : pad.view.on_pin ? 4 : 2

                objectName: "key." + modelData
                x: index % pad.columns * (keys.keyWidth + Theme.gap)
                y: keys.above + (tall ? 4 - rows : row) * (keys.keyHeight + Theme.gap)
                width: keys.keyWidth
                height: rows * keys.keyHeight + (rows - 1) * Theme.gap
                size: Theme.pt(word ? (pad.letters ? 22 : 24) : 34)
                upright: tall
                drawing: Theme.pt(40)
                primary: modelData === "enter" && pad.view.ready && !pad.view.locked && !pad.view.busy
                quiet: word && !primary
                icon: modelData === "erase" || modelData === "cancel" ? modelData : !tall ? "" : pad.view.on_pin ? "done" : "right"
                text: modelData === "enter" ? pad.words[pad.view.on_pin || pad.letters ? "pad.ok" : "pad.next"] : modelData === "letters" ? pad.words[pad.letters ? "pad.digits" : "pad.letters"] : word ? "" : modelData
                spoken: modelData === "erase" ? pad.words["key.erase"] : modelData === "cancel" ? pad.words["tap.cancel"] : ""
                enabled: !pad.view.busy || modelData === "cancel"
                opacity: pad.view.on_pin && (modelData === "letters" || modelData === "-") ? 0 : 1
                visible: opacity > 0
                onTapped: pad.press(modelData)
            }
        }
    }

    function press(key: string): void {
        if (key === "erase")
            door.erase();
        else if (key === "letters")
            door.letters();
        else if (key === "enter")
            door.enter();
        else if (key === "cancel")
            door.tap("cancel");
        else
            door.key(key);
    }
}
