pragma ComponentBehavior: Bound
import QtQuick

// What is asked, what was typed, and our own keyboard beneath.
Item {
    id: typing

    required property var door
    required property var desk
    required property var preview
    readonly property var view: desk.view
    readonly property var words: desk.words
    readonly property bool ending: view.locking >= 0
    readonly property bool warn: ending || view.warn
    readonly property string line: ending ? words["pages.locking"] : view.line
    readonly property bool secret: view.asked.kind === "secret"

    // A wide display has room for one line: what was wrong or is to be done, or else the title.
    Column {
        id: heading

        x: Theme.margin
        y: Theme.margin
        width: parent.width - 2 * x
        height: Theme.portrait ? keys.y - field.height - 3 * Theme.margin : Theme.px(34)
        spacing: Theme.gap

        Label {
            objectName: "title"
            heading: true
            visible: Theme.portrait || typing.line === ""
            width: parent.width
            text: typing.view.title
            font.pixelSize: Theme.portrait ? Theme.pt(30) : Theme.px(22)
            font.weight: Font.DemiBold
            maximumLineCount: Theme.portrait ? 2 : 1
        }

        Note {
            width: parent.width
            icon: typing.warn ? "warning" : ""
            text: typing.line
            color: typing.warn ? Theme.warning : Theme.text
            size: Theme.portrait ? Theme.pt(22) : Theme.px(20)
            lines: Theme.portrait ? 4 : 1
            height: implicitHeight
        }
    }

    Field {
        id: field

        objectName: "field.asked"
        x: Theme.margin
        y: keys.y - height - (Theme.portrait ? Theme.margin : Theme.gap)
        width: parent.width - 2 * x - (typing.secret ? Theme.px(84) + Theme.gap : 0)
        height: Theme.portrait ? Theme.pt(78) : Theme.px(72)
        name: typing.view.asked.label
        whose: typing.view.whose
        value: typing.view.typed
        dots: typing.view.dots
        active: true
    }

    Tap {
        objectName: "tap.reveal"
        visible: typing.secret
        x: parent.width - Theme.margin - width
        y: field.y
        width: Theme.px(84)
        height: field.height
        quiet: true
        checked: typing.view.revealed
        icon: typing.view.revealed ? "eye_off" : "eye"
        spoken: typing.words[typing.view.revealed ? "key.hide" : "key.reveal"]
        onTapped: typing.desk.reveal()
    }

    Keyboard {
        id: keys

        x: Theme.margin
        y: typing.height - height - Theme.margin
        width: parent.width - 2 * x
        words: typing.words
        kind: typing.view.asked.kind
        language: typing.view.language
        order: typing.view.order
        serial: typing.view.serial
        ready: typing.view.ready && !typing.view.busy
        busy: typing.view.busy
        onTyped: character => typing.desk.key(character)
        onErased: typing.desk.erase()
        onEntered: typing.desk.enter()
        onCancelled: typing.desk.back()
    }
}
