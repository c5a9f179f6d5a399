import QtQuick
import QtQuick.Shapes

// A QR code, dark on white with its quiet zone, in whole pixels; its caption beneath, or beside it on a wide display.
Item {
    id: code

    property var modules: []
    property string caption: ""
    readonly property int count: modules.length
    readonly property bool beside: !Theme.portrait && caption !== ""
    readonly property int side: Math.min(beside ? width * 0.66 : width, height - (beside || caption === "" ? 0 : words.height + Theme.gap))
    readonly property int module: count > 0 ? Math.floor(side / count) : 0

    Rectangle {
        id: paper

        width: code.module * code.count
        height: width
        x: code.beside || code.caption === "" && !Theme.portrait ? 0 : (code.width - width) / 2
        color: "#ffffff"
        Accessible.role: Accessible.Graphic
        Accessible.name: code.caption

        Shape {
            anchors.fill: parent

            ShapePath {
                strokeWidth: -1
                fillColor: "#000000"

                PathSvg {
                    path: code.squares()
                }
            }
        }
    }

    Label {
        id: words

        x: code.beside ? paper.width + Theme.margin : 0
        y: code.beside ? 0 : paper.height + Theme.gap
        width: code.beside ? code.width - x : code.width
        text: code.caption
        font.pixelSize: Theme.pt(20)
        maximumLineCount: Math.max(1, Math.floor((code.beside ? code.height : code.height / 4) / (font.pixelSize * 1.22)))
    }

    function squares(): string {
        let path = "";
        const s = module;
        for (let y = 0; y < count; y++) {
            const line = modules[y];
            let x = 0;
            while (x < count) {
                if (line[x] !== "1") {
                    x++;
                    continue;
                }
                let end = x;
                while (end < count && line[end] === "1")
                    end++;
                path += "M" + x * s + " " + y * s + "h" + (end - x) * s + "v" + s + "h" + (x - end) * s + "z";
                x = end;
            }
        }
        return path;
    }
}
