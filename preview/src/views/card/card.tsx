export default function Card() {
  return <p class="quiet">Card</p>;
}
