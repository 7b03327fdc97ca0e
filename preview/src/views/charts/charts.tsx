export default function Charts() {
  return <p class="quiet">Charts</p>;
}
