pragma ComponentBehavior: Bound
import QtQuick

Page {
    id: pad

    readonly property bool letters: view.letters
    readonly property int columns: letters ? 6 : 4
    readonly property int rows: letters ? 5 : 4
    readonly property string alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    readonly property var digitKeys: ["1", "2", "3", "erase", "4", "5", "6", "letters", "7", "8", "9", "-", "cancel", "0", "enter"]
    readonly property var letterKeys: alphabet.split("").concat(["-", "erase", "letters", "enter"])

    infoWidth: Theme.px(260)
    infoHeight: Theme.px(330)
    bannerWanted: view.line === ""
    info: Column {
        width: parent.width
        spacing: Theme.gap

        Row {
            spacing: Theme.gap
            height: Theme.px(44)

            Icon {
                name: pad.view.icon
                color: Theme.accent
                width: Theme.px(36)
                height: width
                anchors.verticalCenter: parent.verticalCenter
            }

            Label {
                text: pad.view.title
                font.pixelSize: Theme.px(30)
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
            color: pad.view.busy ? Theme.soft : Theme.warning
            font.pixelSize: Theme.px(22)
        }
    }
    work: Item {
        id: keys

        readonly property real keyWidth: (width - (pad.columns - 1) * Theme.gap) / pad.columns
        readonly property real keyHeight: Math.min((height - (pad.rows - 1) * Theme.gap) / pad.rows, Theme.px(150))

        anchors.fill: parent

        Repeater {
            model: pad.letters ? pad.letterKeys : pad.digitKeys

            Tap {
                required property string modelData
                required property int index
                readonly property bool word: modelData.length > 1

                objectName: "key." + modelData
                x: index % pad.columns * (keys.keyWidth + Theme.gap)
                y: Math.floor(index / pad.columns) * (keys.keyHeight + Theme.gap)
                width: modelData === "enter" && !pad.letters ? 2 * keys.keyWidth + Theme.gap : keys.keyWidth
                height: keys.keyHeight
                size: Theme.px(word ? (pad.letters ? 22 : 26) : 34)
                drawing: Theme.px(40)
                primary: modelData === "enter" && pad.view.ready && !pad.view.locked && !pad.view.busy
                quiet: word && !primary
                icon: modelData === "erase" || modelData === "cancel" ? modelData : ""
                text: modelData === "enter" ? pad.words[pad.view.on_pin || pad.letters ? "pad.ok" : "pad.next"] : modelData === "letters" ? pad.words[pad.letters ? "pad.digits" : "pad.letters"] : word ? "" : modelData
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
