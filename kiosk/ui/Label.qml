import QtQuick

// The only Text of the program: plain, never cut off, never below 20 px.
Text {
    textFormat: Text.PlainText
    color: Theme.text
    font.pixelSize: Theme.body
    wrapMode: Text.WordWrap
}
