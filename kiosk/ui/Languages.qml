pragma ComponentBehavior: Bound
import QtQuick

// One tap to each language, on every screen at the same place.
Row {
    id: languages

    required property var door

    spacing: Theme.gap

    Repeater {
        model: ["id", "en", "nl"]

        Tap {
            required property string modelData

            objectName: "language." + modelData
            width: Theme.target
            height: Theme.target
            text: modelData.toUpperCase()
            spoken: languages.door.words["language." + modelData]
            checked: !quiet
            size: Theme.pt(22)
            quiet: languages.door.view.language !== modelData
            border.color: quiet ? Theme.line : Theme.accent
            border.width: Theme.px(2)
            onTapped: languages.door.speak(modelData)
        }
    }
}
