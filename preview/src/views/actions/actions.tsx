export default function Actions() {
  return <p class="quiet">Actions</p>;
}
