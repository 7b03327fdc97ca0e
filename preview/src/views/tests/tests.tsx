export default function Tests() {
  return <p class="quiet">Tests</p>;
}
