/** The list of the keyboard shortcuts of the editor. */
import { Icon } from "../../ui/icon.tsx";

const KEYS: [string, string][] = [
  ["Ctrl+Space", "Offer what can be written here"],
  ["Ctrl+Shift+Space", "Show the parameters of a call"],
  ["Ctrl+.", "Offer fixes"],
  ["F8, Shift+F8", "Go to the next or the previous problem"],
  ["F12, Ctrl+click", "Go to where a name is declared"],
  ["F2", "Rename a name in all files"],
  ["Shift+Alt+F", "Format"],
  ["Ctrl+F", "Search and replace"],
  ["Ctrl+/", "Turn lines into comments, or back"],
  ["Ctrl+[, Ctrl+]", "Indent lines less or more"],
  ["Alt+↑, Alt+↓", "Move lines up and down"],
  ["Tab", "Leave the editor"],
];

/** On a Mac, Cmd and Space belong to the system. */
const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function Keys() {
  return (
    <>
      <button type="button" class="plain wide" popovertarget="keys" title="Keys">
        <Icon name="keys" />
        <span class="label">Keys</span>
      </button>
      <div id="keys" popover="auto" class="keys-list" role="dialog" aria-label="Keys of the editor">
        <table>
          <tbody>
            {KEYS.map(([keys, what]) => (
              <tr key={keys}>
                <th scope="row">{mac ? keys.replaceAll(/Ctrl(?!\+Space)/g, "Cmd") : keys}</th>
                <td>{what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
