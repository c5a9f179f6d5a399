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

    Label {
        id: title

        objectName: "title"
        x: Theme.margin
        y: Theme.margin
        width: parent.width - 2 * x
        text: typing.view.line === "" ? typing.view.title : typing.view.line
        color: typing.view.warn ? Theme.warning : Theme.text
        font.pixelSize: Theme.pt(20)
        fontSizeMode: Text.Fit
        minimumPixelSize: Theme.small
        height: Theme.portrait ? Theme.px(140) : Theme.px(28)
    }

    Field {
        id: field

        objectName: "field.asked"
        x: Theme.margin
        y: title.y + title.height + Theme.px(6)
        width: parent.width - 2 * x
        height: Theme.pt(78)
        name: typing.view.asked.label
        value: typing.view.typed
        dots: typing.view.dots
        active: true
    }

    Keyboard {
        x: Theme.margin
        y: typing.height - height - Theme.margin
        width: parent.width - 2 * x
        words: typing.words
        kind: typing.view.asked.kind
        language: typing.view.language
        ready: typing.view.ready && !typing.view.busy
        busy: typing.view.busy
        onTyped: character => typing.desk.key(character)
        onErased: typing.desk.erase()
        onEntered: typing.desk.enter()
        onCancelled: typing.desk.back()
    }
}
