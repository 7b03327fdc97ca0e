export default function Compare() {
  return <p class="quiet">Compare</p>;
}
