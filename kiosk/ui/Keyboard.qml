pragma ComponentBehavior: Bound
import QtQuick

// Our own keys, each 72 px or more: letters of the three languages, signs, digits.
Item {
    id: keyboard

    required property var words
    required property string kind
    required property string language
    required property bool ready
    required property bool busy
    property bool shifted: false
    property bool signs: false
    readonly property bool digits: kind === "pin" || kind === "digits"
    readonly property int columns: digits ? 3 : Theme.portrait ? 8 : 9
    readonly property var letterRows: Theme.portrait ? ["abcdefgh", "ijklmnop", "qrstuvwx", "yz-.,@é'"] : ["qwertyuio", "asdfghjkl", "zxcvbnmp-"]
    readonly property var signRows: Theme.portrait ? ["12345678", "90-_.,@/", ":;!?()'\"", "éëïöáèü&"] : ["123456789", "0-_.,@/:;", "!?()'éëïö"]
    readonly property var rows: digits ? ["123", "456", "789"] : signs ? signRows : letterRows
    readonly property int keyHeight: digits ? Theme.px(Theme.portrait ? 120 : 72) : Theme.px(72)
    readonly property real keyWidth: (width - (columns - 1) * Theme.gap) / columns

    signal typed(string character)
    signal erased
    signal entered
    signal cancelled

    height: (rows.length + 1) * keyHeight + rows.length * Theme.gap

    Repeater {
        model: keyboard.rows.join("").split("")

        Tap {
            required property string modelData
            required property int index
            readonly property string written: keyboard.shifted ? modelData.toUpperCase() : modelData

            objectName: "key." + modelData
            x: index % keyboard.columns * (keyboard.keyWidth + Theme.gap)
            y: Math.floor(index / keyboard.columns) * (keyboard.keyHeight + Theme.gap)
            width: keyboard.keyWidth
            height: keyboard.keyHeight
            size: Theme.px(30)
            text: written
            enabled: !keyboard.busy
            onTapped: {
                keyboard.typed(written);
                keyboard.shifted = false;
            }
        }
    }

    Row {
        y: keyboard.height - keyboard.keyHeight
        height: keyboard.keyHeight
        spacing: Theme.gap

        Repeater {
            model: keyboard.digits ? ["back", "0", "erase", "enter"] : ["back", "shift", "signs", "space", "erase", "enter"]

            Tap {
                required property string modelData
                readonly property int parts: keyboard.digits ? 4 : 6

                objectName: "key." + modelData
                width: (keyboard.width - (parts - 1) * Theme.gap) / parts
                height: keyboard.keyHeight
                size: Theme.px(modelData === "0" ? 30 : 22)
                icon: modelData === "erase" || modelData === "back" ? modelData : modelData === "shift" ? "up" : ""
                text: modelData === "0" ? "0" : modelData === "space" ? keyboard.words["key.space"] : modelData === "signs" ? keyboard.words[keyboard.signs ? "pad.letters" : "pad.digits"] : modelData === "enter" ? keyboard.words["pad.ok"] : ""
                quiet: modelData !== "0" && !primary
                primary: modelData === "enter" && keyboard.ready || modelData === "shift" && keyboard.shifted
                enabled: !keyboard.busy || modelData === "back"
                onTapped: keyboard.press(modelData)
            }
        }
    }

    function press(key: string): void {
        if (key === "erase")
            erased();
        else if (key === "enter")
            entered();
        else if (key === "back")
            cancelled();
        else if (key === "shift")
            shifted = !shifted;
        else if (key === "signs")
            signs = !signs;
        else if (key === "space")
            typed(" ");
        else
            typed(key);
    }
}
