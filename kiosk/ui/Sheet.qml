pragma ComponentBehavior: Bound
import QtQuick

// One page beside the check-in: what it is, what is to be read or chosen, and at most four acts.
Item {
    id: sheet

    required property var door
    required property var desk
    required property var preview
    readonly property var view: desk.view
    readonly property var words: desk.words
    readonly property int side: Theme.portrait ? width - 2 * Theme.margin : Theme.px(240)
    readonly property int actHeight: Theme.portrait ? Theme.px(104) : Theme.px(84)
    readonly property int abreast: Theme.portrait && view.acts.length > 1 ? 2 : 1
    readonly property int actRows: Math.ceil(view.acts.length / abreast)

    // A sentence or two stand in the middle; what has more to say begins at the top.
    readonly property bool little: {
        for (const block of view.body)
            if (block.kind !== "line" || block.icon !== "")
                return false;
        return view.body.length <= 3;
    }
    readonly property bool centred: little && middle.height <= body.height + heading.height

    Centred {
        id: middle

        visible: sheet.centred
        icon: sheet.view.icon
        title: sheet.view.title
        warn: sheet.view.warn
        lines: sheet.little ? body.whole : []
        x: Theme.margin + (body.width - width) / 2
        y: Theme.margin + (body.y + body.height - Theme.margin - height) / 2
        width: body.width - 2 * Theme.margin
    }

    Row {
        id: heading

        visible: !sheet.centred
        x: Theme.margin
        y: Theme.margin
        height: Math.max(Theme.pt(48), title.height)
        spacing: Theme.gap

        Icon {
            visible: name !== ""
            name: sheet.view.icon
            color: sheet.view.warn ? Theme.warning : Theme.accent
            width: Theme.pt(40)
            height: width
            anchors.verticalCenter: parent.verticalCenter
        }

        Label {
            id: title

            objectName: "title"
            heading: true
            text: sheet.view.title
            width: body.width - (sheet.view.icon === "" ? 0 : Theme.pt(40) + Theme.gap)
            font.pixelSize: Theme.pt(text.length > 24 ? 24 : 30)
            font.weight: Font.DemiBold
            maximumLineCount: 2
            anchors.verticalCenter: parent.verticalCenter
        }
    }

    Blocks {
        id: body

        objectName: "body"
        visible: !sheet.centred
        x: Theme.margin
        y: heading.y + heading.height + Theme.gap
        width: sheet.width - x - Theme.margin - (Theme.portrait ? 0 : sheet.side + Theme.margin)
        height: (Theme.portrait ? acts.y - Theme.margin : sheet.height - Theme.margin) - y - (who.visible ? who.height + Theme.gap : 0)
        line: sheet.view.line
        warn: sheet.view.warn
        blocks: sheet.view.body
        serial: sheet.view.serial
        busy: sheet.view.busy
        preview: sheet.preview
        words: sheet.words
        onChosen: key => sheet.desk.tap(key)
        onTurned: sheet.desk.touch()
    }

    Note {
        id: who

        objectName: "who"
        icon: sheet.view.locking >= 0 ? "warning" : "person"
        text: sheet.view.locking >= 0 ? sheet.words["pages.locking"] : sheet.view.who
        color: sheet.view.locking >= 0 ? Theme.warning : Theme.soft
        lines: 2
        x: Theme.margin
        y: body.y + body.height + Theme.gap
        width: body.width
        height: implicitHeight
    }

    // New buttons for a new page; while one page changes what it says, no finger loses the button under it.
    readonly property string stamp: view.serial + "/" + view.acts.length
    property var places: []
    readonly property var nothing: ({
            "key": "",
            "text": "",
            "icon": "",
            "tone": "plain"
        })

    onStampChanged: places = view.acts.map(() => stamp)

    Item {
        id: acts

        x: Theme.portrait ? Theme.margin : sheet.width - Theme.margin - sheet.side
        y: foot.y - Theme.gap - height
        width: sheet.side
        height: sheet.actRows * (sheet.actHeight + Theme.gap) - Theme.gap

        Repeater {
            model: sheet.places

            Tap {
                required property int index
                readonly property var act: sheet.view.acts[index] ?? sheet.nothing

                objectName: "act." + act.key
                x: index % sheet.abreast * (width + Theme.gap)
                y: Math.floor(index / sheet.abreast) * (height + Theme.gap)
                width: (acts.width - (sheet.abreast - 1) * Theme.gap) / sheet.abreast
                height: sheet.actHeight
                size: Theme.pt(22)
                icon: act.icon
                text: act.text
                primary: act.tone === "primary"
                quiet: act.tone === "quiet"
                danger: act.tone === "danger"
                enabled: !sheet.view.busy
                onTapped: sheet.desk.tap(act.key)
            }
        }
    }

    Row {
        id: foot

        readonly property int wide: (sheet.side - Theme.gap - (Theme.portrait ? languages.width + Theme.gap : 0)) / 2

        x: Theme.portrait ? Theme.margin + languages.width + Theme.gap : acts.x
        y: (Theme.portrait ? sheet.height - Theme.margin : languages.y - Theme.gap) - height
        height: Theme.target
        spacing: Theme.gap

        Tap {
            objectName: "tap.back"
            visible: sheet.view.back
            icon: Theme.portrait || !sheet.view.leave ? "back" : ""
            text: sheet.words["tap.back"]
            quiet: true
            size: Theme.pt(20)
            drawing: Theme.px(26)
            width: sheet.view.leave ? foot.wide : 2 * foot.wide + Theme.gap
            onTapped: sheet.desk.back()
        }

        Tap {
            objectName: "tap.leave"
            visible: sheet.view.leave
            icon: Theme.portrait || !sheet.view.back ? "cancel" : ""
            text: sheet.words["tap.leave"]
            quiet: true
            size: Theme.pt(20)
            drawing: Theme.px(26)
            width: sheet.view.back ? foot.wide : 2 * foot.wide + Theme.gap
            onTapped: sheet.desk.leave()
        }
    }

    Languages {
        id: languages

        door: sheet.desk
        x: Theme.portrait ? Theme.margin : acts.x
        y: sheet.height - height - Theme.margin
    }
}
