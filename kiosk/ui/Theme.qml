pragma Singleton
import QtQuick

// Colours, sizes and motion of every screen. Each text colour is at least 7:1 against each surface (tested).
QtObject {
    property bool light: false
    property bool large: false
    property bool reducedMotion: false
    property real width: 800
    property real height: 480

    readonly property bool portrait: height > width
    readonly property real scale: Math.max(1, Math.min(width / (portrait ? 720 : 800), height / (portrait ? 1280 : 480)))

    readonly property color background: light ? "#ffffff" : "#0c1322"
    readonly property color surface: light ? "#eef1f6" : "#19233a"
    readonly property color pressed: light ? "#d9e0ec" : "#263554"
    readonly property color line: light ? "#c3ccda" : "#2c3b5c"
    readonly property color text: light ? "#0c1322" : "#f4f7fc"
    readonly property color soft: light ? "#36435c" : "#b9c6dc"
    readonly property color accent: light ? "#5f3c00" : "#ffc857"
    readonly property color accentInk: light ? "#ffffff" : "#1b1405"
    readonly property color accentPressed: light ? "#432a00" : "#ffdc94"
    readonly property color warning: light ? "#7d1d0c" : "#ffb9a8"

    readonly property int target: px(72)
    readonly property int gap: px(12)
    readonly property int margin: px(portrait ? 24 : 16)
    readonly property int radius: px(18)
    readonly property int small: pt(20)
    readonly property int body: pt(24)
    readonly property int headline: pt(40)
    readonly property int clock: px(portrait ? 168 : 96)
    readonly property int quick: reducedMotion ? 0 : 150
    readonly property int calm: reducedMotion ? 0 : 250

    // Lengths follow the display; type and drawings also use the room of a tall one.
    function pt(points: real): int {
        return px(points * (portrait ? 1.3 : 1));
    }

    // What is read rather than touched is a quarter larger where the site asks so: a page then has more screens. What is
    // too long for one screen of the smallest display stays as it is.
    function rt(points: real, letters: int): int {
        return pt(points * (large && letters < 160 ? 1.25 : 1));
    }

    function px(points: real): int {
        return Math.round(points * scale);
    }
}
