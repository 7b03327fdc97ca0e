/** The keys of the editor, for those who look for them. */
import { Icon } from "../../ui/icon.tsx";

const KEYS: [string, string][] = [
  ["Ctrl+Space", "Offer what can be written here"],
  ["Ctrl+Shift+Space", "Show what a call takes"],
  ["Ctrl+.", "Offer fixes"],
  ["F8, Shift+F8", "Go to the next problem, or to the one before"],
  ["F12, Ctrl+click", "Go to where a name is declared"],
  ["F2", "Give a name another one, in all files"],
  ["Shift+Alt+F", "Format"],
  ["Ctrl+F", "Search and replace"],
  ["Ctrl+/", "Make a line a comment, or none"],
  ["Ctrl+[, Ctrl+]", "Move lines out and in"],
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
