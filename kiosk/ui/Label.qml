import QtQuick

// The only Text of the program: plain, never cut off, never below 20 px.
Text {
    textFormat: Text.PlainText
    color: Theme.text
    font.pixelSize: Theme.body
    wrapMode: Text.Wrap
    elide: Text.ElideRight
    maximumLineCount: wrapMode === Text.NoWrap ? 1 : 1000
    Accessible.role: heading ? Accessible.Heading : Accessible.StaticText
    Accessible.name: text
    Accessible.ignored: told || text === ""

    property bool heading: false
    // What it belongs to says it already.
    property bool told: false
}
