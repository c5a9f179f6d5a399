import QtQuick
import QtQuick.Shapes

// One stroke drawing on a 48 x 48 grid.
Item {
    id: icon

    property string name: ""
    property color color: Theme.text
    property real weight: 3.4
    readonly property var drawings: ({
            "in": "M27 8 H37 A3 3 0 0 1 40 11 V37 A3 3 0 0 1 37 40 H27 M7 24 H28 M20 15.5 L28.5 24 L20 32.5",
            "out": "M21 8 H11 A3 3 0 0 0 8 11 V37 A3 3 0 0 0 11 40 H21 M19 24 H41 M33 15.5 L41.5 24 L33 32.5",
            "break": "M9 19 H33 V31 A9 9 0 0 1 24 40 H18 A9 9 0 0 1 9 31 Z M33 22 H36 A5.5 5.5 0 0 1 36 33 H33 M16 7 V12 M26 7 V12",
            "overtime": "M40 24 A17 17 0 1 1 24 7 M24 14 V24 L31 28 M38 6 V16 M33 11 H43",
            "trip": "M10 16 H38 A3 3 0 0 1 41 19 V37 A3 3 0 0 1 38 40 H10 A3 3 0 0 1 7 37 V19 A3 3 0 0 1 10 16 Z M17 16 V11 A3 3 0 0 1 20 8 H28 A3 3 0 0 1 31 11 V16 M7 26 H41",
            "pin": "M12 11 h0.2 M24 11 h0.2 M36 11 h0.2 M12 22 h0.2 M24 22 h0.2 M36 22 h0.2 M12 33 h0.2 M24 33 h0.2 M36 33 h0.2 M24 43 h0.2",
            "qr": "M8 8 H20 V20 H8 Z M28 8 H40 V20 H28 Z M8 28 H20 V40 H8 Z M14 14 h0.2 M34 14 h0.2 M14 34 h0.2 M28 28 H34 V34 M40 28 V33 M28 40 V38 M34 40 H40",
            "claim": "M33 7 L41 15 L17 39 L7 41 L9 31 Z M28 12 L36 20",
            "cancel": "M12 12 L36 36 M36 12 L12 36",
            "done": "M9 25 L19 35 L39 14",
            "yes": "M9 25 L19 35 L39 14",
            "retry": "M39 24 A15 15 0 1 1 33 12 M33 5 V13 H25",
            "change": "M8 16 H36 M29 9 L36.5 16 L29 23 M40 33 H12 M19 26 L11.5 33 L19 40",
            "not_me": "M20 22 A7.5 7.5 0 1 0 20 7 A7.5 7.5 0 1 0 20 22 Z M6 41 A14 13 0 0 1 29 32 M33 31 L42 40 M42 31 L33 40",
            "back": "M40 24 H9 M18 14 L8.5 24 L18 34",
            "erase": "M17 11 H38 A3 3 0 0 1 41 14 V34 A3 3 0 0 1 38 37 H17 L6 24 Z M21 19 L31 29 M31 19 L21 29",
            "person": "M24 23 A8 8 0 1 0 24 7 A8 8 0 1 0 24 23 Z M8 41 A16 14 0 0 1 40 41",
            "warning": "M24 7 L43 40 H5 Z M24 19 V28 M24 34 h0.2",
            "camera_off": "M6 15 H12 L16 10 H29 L33 15 H40 A3 3 0 0 1 43 18 V36 M36 39 H9 A3 3 0 0 1 6 36 V15 M6 6 L42 42",
            "phone": "M14 7 L20 17 L16 21 A22 22 0 0 0 27 32 L31 28 L41 34 L38 41 C22 44 4 26 7 10 Z",
            "paper": "M12 6 H29 L37 14 V42 H12 Z M18 20 H31 M18 27 H31 M18 34 H26",
            "sent": "M13 37 A9 9 0 0 1 12 19 A12 12 0 0 1 35 17 A10 10 0 0 1 36 37 Z M17 27 L22 32 L31 22",
            "unsent": "M13 37 A9 9 0 0 1 12 19 A12 12 0 0 1 35 17 A10 10 0 0 1 36 37 Z M24 33 V22 M19 26 L24 21 L29 26",
            "offline": "M13 37 A9 9 0 0 1 12 19 A12 12 0 0 1 35 17 A10 10 0 0 1 36 37 Z M19 24 L29 33 M29 24 L19 33",
            "shift": "M24 7 L40 24 H31 V38 H17 V24 H8 Z",
            "caps": "M24 5 L40 21 H31 V31 H17 V21 H8 Z M15 40 H33",
            "eye": "M5 24 C14 10 34 10 43 24 C34 38 14 38 5 24 Z M24 29 A5 5 0 1 0 24 19 A5 5 0 1 0 24 29 Z",
            "eye_off": "M5 24 C14 10 34 10 43 24 C34 38 14 38 5 24 Z M24 29 A5 5 0 1 0 24 19 A5 5 0 1 0 24 29 Z M8 41 L40 7",
            "key": "M17 31 A10 10 0 1 0 17 11 A10 10 0 1 0 17 31 Z M24 28 L40 44 M34 38 L39 33 M17 21 h0.2",
            "shield": "M24 6 L39 12 V23 C39 32 33 39 24 42 C15 39 9 32 9 23 V12 Z M17 24 L22 29 L31 19",
            "look_here": "M5 24 C14 10 34 10 43 24 C34 38 14 38 5 24 Z M24 29 A5 5 0 1 0 24 19 A5 5 0 1 0 24 29 Z",
            "closer": "M18 8 H8 V18 M8 8 L18 18 M30 8 H40 V18 M40 8 L30 18 M18 40 H8 V30 M8 40 L18 30 M30 40 H40 V30 M40 40 L30 30",
            "left": "M40 24 H9 M20 12 L8.5 24 L20 36",
            "right": "M8 24 H39 M28 12 L39.5 24 L28 36",
            "up": "M24 40 V9 M12 20 L24 8.5 L36 20",
            "down": "M24 8 V39 M12 28 L24 39.5 L36 28",
            "straight": "M24 6 C34 6 38 14 38 23 C38 33 31 42 24 42 C17 42 10 33 10 23 C10 14 14 6 24 6 Z M18 20 h0.2 M30 20 h0.2 M19 31 C22 33.5 26 33.5 29 31",
            "hold_still": "M17 10 V38 M31 10 V38",
            "more_light": "M24 32 A8 8 0 1 0 24 16 A8 8 0 1 0 24 32 Z M24 4 V9 M24 39 V44 M4 24 H9 M39 24 H44 M10 10 L13.5 13.5 M34.5 34.5 L38 38 M38 10 L34.5 13.5 M13.5 34.5 L10 38",
            "less_light": "M38 29 A16 16 0 1 1 20 9 A13 13 0 0 0 38 29 Z",
            "uncover": "M8 20 C18 15 30 15 40 20 V28 C36 36 30 39 24 39 C18 39 12 36 8 28 Z M15 26 H33 M17 32 H31 M24 13 V3 M18 8 L24 2.5 L30 8",
            "one_person": "M24 21 A7 7 0 1 0 24 7 A7 7 0 1 0 24 21 Z M11 40 A13 13 0 0 1 37 40 M4 15 V6 H11 M44 15 V6 H37",
            "blink": "M5 20 C14 31 34 31 43 20 M24 29 V36 M12.5 26.5 L8.5 32.5 M35.5 26.5 L39.5 32.5",
            "turn_left": "M28 10 C36 10 40 17 40 24 C40 32 34 40 28 40 C22 40 18 32 18 24 C18 17 21 10 28 10 Z M12 16 L5 24 L12 32",
            "turn_right": "M20 10 C12 10 8 17 8 24 C8 32 14 40 20 40 C26 40 30 32 30 24 C30 17 27 10 20 10 Z M36 16 L43 24 L36 32"
        })

    implicitWidth: Theme.px(48)
    implicitHeight: implicitWidth

    Shape {
        width: 48
        height: 48
        scale: Math.min(icon.width, icon.height) / 48
        transformOrigin: Item.TopLeft
        preferredRendererType: Shape.CurveRenderer

        ShapePath {
            strokeColor: icon.color
            strokeWidth: icon.name === "pin" ? 6.4 : icon.weight
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin

            PathSvg {
                path: icon.drawings[icon.name] ?? ""
            }
        }
    }
}
