export default function Tables() {
  return <p class="quiet">Tables</p>;
}
