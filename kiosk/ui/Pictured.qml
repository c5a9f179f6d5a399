import QtQuick

// A place for the camera's picture. There is one picture for all pages: it goes where it is shown, and shows nobody else's.
Item {
    id: place

    required property var source

    Component.onCompleted: {
        if (source) {
            source.begin();
            source.parent = place;
            source.anchors.fill = place;
            source.visible = true;
        }
    }
    Component.onDestruction: {
        if (source && source.parent === place) {
            source.visible = false;
            source.anchors.fill = undefined;
            source.parent = null;
            source.begin();
        }
    }
}
