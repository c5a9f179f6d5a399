import QtQuick

// The grid of every screen: what is going on (info), what to do (work), the languages, and a banner when the camera is away.
Item {
    id: page

    required property var door
    readonly property var view: door.view
    readonly property var words: door.words
    property bool bannerWanted: true
    property int infoWidth: Theme.px(284)
    property int infoHeight: Theme.px(360)
    property alias info: infoBox.data
    property alias work: workBox.data
    property alias corner: cornerBox.data
    readonly property int bar: Theme.target + Theme.margin
    readonly property bool bannered: banner.text !== ""

    Item {
        id: infoBox

        x: Theme.margin
        y: Theme.margin
        width: Theme.portrait ? page.width - 2 * Theme.margin : page.infoWidth
        height: Theme.portrait ? page.infoHeight : page.height - Theme.margin - y - page.bar - (page.bannered ? banner.height + Theme.gap : 0)
    }

    Item {
        id: workBox

        x: Theme.portrait ? Theme.margin : 2 * Theme.margin + page.infoWidth
        y: Theme.portrait ? infoBox.y + infoBox.height + Theme.margin : Theme.margin
        width: page.width - x - Theme.margin
        height: page.height - y - Theme.margin - (Theme.portrait ? page.bar + (page.bannered ? banner.height + Theme.margin : 0) : 0)
    }

    Note {
        id: banner

        objectName: "banner"
        icon: "camera_off"
        text: page.bannerWanted ? page.view.banner : ""
        color: Theme.warning
        x: Theme.margin
        width: infoBox.width
        y: languages.y - height - Theme.gap
    }

    Languages {
        id: languages

        door: page.door
        x: Theme.margin
        y: page.height - height - Theme.margin
    }

    Item {
        id: cornerBox

        visible: Theme.portrait
        x: 2 * Theme.margin + languages.width
        y: languages.y
        width: page.width - x - Theme.margin
        height: languages.height
    }
}
