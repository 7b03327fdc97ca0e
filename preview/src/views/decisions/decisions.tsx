export default function Decisions() {
  return <p class="quiet">Decisions</p>;
}
