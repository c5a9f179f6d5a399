pragma ComponentBehavior: Bound
import QtQuick

// Our own keys, each 72 px or more and 12 px from the next: letters, signs and accents, an employee code's, or digits.
Item {
    id: keyboard

    required property var words
    required property string kind
    required property string language
    required property string order
    required property bool ready
    required property bool busy
    required property int serial
    property int shift: 0
    property int shown: 0

    readonly property bool digits: kind === "pin" || kind === "digits"
    readonly property bool code: kind === "code"
    readonly property bool scrambled: order !== "1234567890"
    readonly property string accents: language === "nl" ? "éëïöüèáóç" : "éèêëïöüçñ"
    // A key of 72 px and a gap of 12 leave nine columns of 800 px: the p of ten stands at the right edge, below the o.
    readonly property var wideText: [["qwertyuio", "asdfghjkl", "zxcvbnm-p"], ["123456789", "0-_.,@/:;", "!?()'\"&+="], [accents, "#$%*^~`|\\", "[]{}<>€°§"]]
    readonly property var tallText: [["1234567", "890.,@/", "abcdefg", "hijklmn", "opqrstu", "vwxyz-'", accents.slice(0, 7)], ["1234567", "890-_.,", "@/:;!?(", ")'\"&+=#", "$%*^~`|", "\\[]{}<>", "€°§" + accents.slice(7)]]
    readonly property var wideCode: [["QWERTYUIO", "ASDFGHJKL", "ZXCVBNM-P"], ["12345", "67890", "-"]]
    readonly property var tallCode: [["12345", "67890", "ABCDEFG", "HIJKLMN", "OPQRSTU", "VWXYZ-"]]
    readonly property var pages: digits ? [[order.slice(0, 3), order.slice(3, 6), order.slice(6, 9)]] : code ? (Theme.portrait ? tallCode : wideCode) : (Theme.portrait ? tallText : wideText)
    readonly property var rows: pages[shown] ?? pages[0]
    readonly property int keyHeight: Theme.px(!Theme.portrait ? 72 : digits ? 120 : 88)
    readonly property int step: keyHeight + Theme.gap

    signal typed(string character)
    signal erased
    signal entered
    signal cancelled

    height: (rows.length + 1) * step - Theme.gap
    onSerialChanged: {
        shift = 0;
        shown = 0;
    }

    // Where each key is: its row fills the width, by the keys' weights.
    readonly property var keys: {
        const found = [];
        function lay(y: int, names: var, weights: var, rows: var): void {
            let total = 0;
            for (const weight of weights)
                total += weight;
            const unit = (keyboard.width - (names.length - 1) * Theme.gap) / total;
            let x = 0;
            for (let i = 0; i < names.length; i++) {
                const wide = unit * weights[i];
                if (names[i] !== "")
                    found.push({
                        "name": names[i],
                        "x": x,
                        "y": y * step,
                        "width": wide,
                        "height": rows[i] * step - Theme.gap
                    });
                x += wide + Theme.gap;
            }
        }
        if (digits) {
            const beside = ["erase", "", "back"];
            for (let y = 0; y < 3; y++)
                lay(y, rows[y].split("").concat([beside[y]]), [1, 1, 1, 1], [1, 1, 1, 1]);
            lay(3, ["", order[9], "", "enter"], [1, 1, 1, 1], [1, 1, 1, 1]);
            return found;
        }
        for (let y = 0; y < rows.length; y++)
            lay(y, rows[y].split(""), Array(rows[y].length).fill(1), Array(rows[y].length).fill(1));
        if (code && pages.length === 1)
            lay(rows.length, ["back", "erase", "enter"], [1, 1, 1.6], [1, 1, 1]);
        else if (code)
            lay(rows.length, ["back", "signs", "erase", "enter"], [1, 1, 1, 1.6], [1, 1, 1, 1]);
        else
            lay(rows.length, ["back", "shift", "signs", "space", "erase", "enter"], [1, 1, 1, 2.6, 1, 1.8], [1, 1, 1, 1, 1, 1]);
        return found;
    }

    Repeater {
        model: keyboard.keys

        Tap {
            id: key

            required property var modelData
            readonly property string name: modelData.name
            readonly property bool word: name.length > 1
            readonly property string letter: keyboard.shift > 0 ? name.toUpperCase() : name

            objectName: "key." + name
            x: modelData.x
            y: modelData.y
            width: modelData.width
            height: modelData.height
            size: Theme.px(word ? 22 : 30)
            drawing: Theme.px(34)
            icon: name === "shift" && keyboard.shift === 2 ? "caps" : name === "erase" || name === "back" || name === "shift" ? name : ""
            text: !word ? letter : name === "space" ? keyboard.words["key.space"] : name === "enter" ? keyboard.words["pad.ok"] : name === "signs" ? keyboard.next : ""
            spoken: name === "back" ? keyboard.words["tap.back"] : name === "erase" ? keyboard.words["key.erase"] : name === "shift" ? keyboard.words[keyboard.shift === 2 ? "key.caps" : "key.shift"] : ""
            quiet: word && !primary
            primary: name === "enter" && keyboard.ready || name === "shift" && keyboard.shift > 0
            checked: name === "shift" && keyboard.shift > 0
            enabled: !keyboard.busy || name === "back"
            onTapped: keyboard.press(name, letter)
        }
    }

    readonly property string next: {
        const after = (shown + 1) % pages.length;
        return words[after === 0 ? "pad.letters" : after === 1 ? "pad.digits" : "key.more"];
    }

    function press(name: string, letter: string): void {
        if (name === "erase")
            erased();
        else if (name === "enter")
            entered();
        else if (name === "back")
            cancelled();
        else if (name === "shift")
            shift = (shift + 1) % 3;
        else if (name === "signs")
            shown = (shown + 1) % pages.length;
        else if (name === "space")
            typed(" ");
        else {
            typed(letter);
            if (shift === 1)
                shift = 0;
        }
    }
}
