import QtQuick
import Ambang

// The whole scene: one page at a time, chosen by the door.
Rectangle {
    id: main

    required property var door
    required property var desk
    required property var preview
    property bool reducedMotion: false
    property bool light: false
    property bool large: false
    readonly property string page: desk.view.page === "" ? door.view.page : desk.view.page
    readonly property var pages: ({
            "idle": "Idle.qml",
            "looking": "Looking.qml",
            "pin": "PinPad.qml",
            "badge": "Badge.qml",
            "confirming": "Confirming.qml",
            "saving": "Saving.qml",
            "already": "Already.qml",
            "recorded": "Recorded.qml",
            "disputed": "Disputed.qml",
            "refused": "NotRecognised.qml",
            "out": "OutOfService.qml",
            "sheet": "Sheet.qml",
            "typing": "Typing.qml"
        })

    color: Theme.background
    onPageChanged: open()
    Component.onCompleted: open()

    function open(): void {
        const wanted = {
            "door": door
        };
        const paged = page === "sheet" || page === "typing";
        if (paged || page === "idle" || page === "recorded" || page === "refused")
            wanted["desk"] = desk;
        const looks = paged || page === "looking" || page === "badge";
        if (looks)
            wanted["preview"] = picture;
        loader.setSource(Qt.resolvedUrl(pages[page]), wanted);
        // The oval hides the picture's corners only while the page is opaque.
        appear.stop();
        if (looks)
            loader.opacity = 1;
        else
            appear.start();
    }

    Binding {
        target: Theme
        property: "light"
        value: main.light || main.door.view.fill
    }

    Binding {
        target: Theme
        property: "large"
        value: main.large
    }

    Binding {
        target: Theme
        property: "reducedMotion"
        value: main.reducedMotion
    }

    Binding {
        target: Theme
        property: "width"
        value: main.width
    }

    Binding {
        target: Theme
        property: "height"
        value: main.height
    }

    PreviewItem {
        id: picture

        objectName: "picture"
        visible: false
        source: main.preview
    }

    Loader {
        id: loader

        objectName: "page"
        anchors.fill: parent
    }

    NumberAnimation {
        id: appear

        target: loader
        property: "opacity"
        from: Theme.reducedMotion ? 1 : 0.5
        to: 1
        duration: Theme.quick
    }
}
